// The address of a job within the page: `#/jobs/<id>`, so that a reload or a bookmark finds it again.

export function jobFromHash(hash: string): string | null {
  const found = /^#\/jobs\/([0-9A-Za-z-]{1,64})$/.exec(hash);
  return found?.[1] ?? null;
}

export function hashOfJob(id: string): string {
  return `#/jobs/${id}`;
}
