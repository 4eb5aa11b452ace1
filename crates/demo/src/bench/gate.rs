//! What a number of watchers may cost at most: packets against the floor of the same run, takes in milliseconds, which want a machine that does nothing
//! else.

use anyhow::{Result, bail};

use super::table::Table;

/// CPU of the server per packet, as a multiple of the replayed floor: twice what the first watchers cost in `docs/performance.md`.
const FLOORS_MAX: f64 = 25.0;
/// Packets that did not reach a watcher on the same machine, per million.
const MISSING_PPM_MAX: f64 = 100.0;
/// From the sending of a take to its picture at a watcher, 95th percentile, milliseconds.
const PICTURE_MS_MAX: f64 = 250.0;

/// Nothing is worse than it may be, in the middle of its windows.
///
/// # Errors
/// Otherwise, with each value that is, and its limit.
pub(super) fn check(tables: &[Table]) -> Result<()> {
    let faults: Vec<String> = tables.iter().flat_map(faults).collect();
    if faults.is_empty() {
        return Ok(());
    }
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    bail!("worse than it may be (load of the machine {}): {}", load.trim(), faults.join("; "))
}

fn faults(table: &Table) -> impl Iterator<Item = String> {
    let watchers = table.watchers;
    [
        ("× floor per packet", table.floors.median, FLOORS_MAX),
        ("packets missing per million", table.missing_ppm.median, MISSING_PPM_MAX),
        ("ms from TAKE to picture at the 95th percentile", table.picture_ms.1.median, PICTURE_MS_MAX),
    ]
    .into_iter()
    .filter(|(_, value, most)| value > most)
    .map(move |(what, value, most)| format!("{watchers} watchers: {value:.1} {what}, {most} at most"))
}

#[cfg(test)]
mod tests {
    use super::super::Row;
    use super::super::floor::Floor;
    use super::*;

    #[test]
    fn what_is_worse_than_it_may_be_is_named_with_its_limit() {
        let table = |packet_ns, missing_ppm, picture| {
            let row = Row {
                packet_ns,
                packets_per_second: 1_783.0,
                missing_ppm,
                memory_kib: 137.0,
                admit_cpu_ms: 1.2,
                admit_all_ms: 298.0,
                shown_ms: (14.0, 26.0),
                picture_ms: (14.0, picture),
                whole_ms: (20.0, 40.0),
                delay_ms: (1.0, 5.0),
                stolen_percent: 0.0,
            };
            Table::of(25, &[(Floor { seal_ns: 240.0, send_ns: 2_000.0 }, row)])
        };
        assert!(check(&[table(24_900.0, 0.0, 29.0)]).is_ok());
        let said = |table| faults(&table).collect::<Vec<_>>();
        assert_eq!(said(table(60_000.0, 0.0, 29.0)), ["25 watchers: 30.0 × floor per packet, 25 at most"]);
        assert_eq!(
            said(table(24_900.0, 200.0, 29.0)),
            ["25 watchers: 200.0 packets missing per million, 100 at most"]
        );
        let slow = ["25 watchers: 542.0 ms from TAKE to picture at the 95th percentile, 250 at most"];
        assert_eq!(said(table(24_900.0, 0.0, 542.0)), slow);
        assert!(check(&[table(24_900.0, 0.0, 542.0)]).is_err());
    }
}
