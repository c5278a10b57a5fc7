//! How much memory is free on this machine.

use std::fs;

/// Memory that programs can still take without pushing others out, as the kernel estimates it.
pub fn free_bytes() -> Option<u64> {
    available(&fs::read_to_string("/proc/meminfo").ok()?)
}

fn available(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_estimate_is_read() {
        let meminfo = "MemTotal:       16307304 kB\nMemFree:         300 kB\nMemAvailable:   12000000 kB\n";
        assert_eq!(available(meminfo), Some(12_000_000 * 1024));
        assert_eq!(available("MemTotal: 1 kB\n"), None);
        assert_eq!(available("MemAvailable: many kB\n"), None);
        assert!(free_bytes().is_some_and(|bytes| bytes > 1 << 20), "on Linux it is always there");
    }
}
