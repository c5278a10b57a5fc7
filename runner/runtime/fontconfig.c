/* Stands in for fontconfig: the five functions that OCCT calls, answering with the runtime's own folder of fonts.
 *
 * Text must come out the same on every machine, so the fonts of the machine must not count; and the folder moves with
 * the runtime, so it is found from where this library itself was loaded: <runtime>/.../site-packages/<libs>/this.so.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct { int given; } FontDirs;

static char fonts[PATH_MAX];
static FontDirs dirs;

/* Cuts off the last `count` components of `path`. */
static void climb(char *path, int count) {
    for (; count > 0; count--) {
        char *slash = strrchr(path, '/');
        if (slash == NULL) return;
        *slash = '\0';
    }
}

void *FcInitLoadConfig(void) {
    Dl_info self;
    char root[PATH_MAX];
    if (dladdr((void *)FcInitLoadConfig, &self) == 0 || realpath(self.dli_fname, root) == NULL) return NULL;
    climb(root, 5); /* this file, its folder, site-packages, python3.X, lib */
    if (snprintf(fonts, sizeof fonts, "%s/etc/fonts", root) >= (int)sizeof fonts) return NULL;
    return fonts;
}

void *FcConfigGetFontDirs(void *config) {
    if (config == NULL) return NULL;
    dirs.given = 0;
    return &dirs;
}

char *FcStrListNext(void *list) {
    FontDirs *these = list;
    return these->given++ == 0 ? fonts : NULL;
}

void FcStrListDone(void *list) { (void)list; }

void FcConfigDestroy(void *config) { (void)config; }
