//! What the windows of one number of watchers come to, and the table of it.

use super::Row;
use super::cores::Cores;
use super::floor::Floor;

/// The middle of some windows, the least and the most.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spread {
    pub(super) median: f64,
    pub(super) least: f64,
    pub(super) most: f64,
}

impl Spread {
    pub(super) fn of(figures: impl IntoIterator<Item = f64>) -> Self {
        let mut figures: Vec<f64> = figures.into_iter().collect();
        figures.sort_by(f64::total_cmp);
        let at = |n: usize| figures.get(n).copied().unwrap_or_default();
        Self { median: at(figures.len() / 2), least: at(0), most: at(figures.len().saturating_sub(1)) }
    }

    fn said(self, digits: usize) -> String {
        let Self { median, least, most } = self;
        format!("{median:.digits$} ({least:.digits$}–{most:.digits$})")
    }
}

/// All windows of one number of watchers.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) watchers: usize,
    pub(super) windows: usize,
    /// CPU of the server for a packet that reached a watcher, microseconds; of the floor, and the ratio window by window.
    pub(super) packet_us: Spread,
    pub(super) floor_us: Spread,
    pub(super) seal_us: Spread,
    pub(super) floors: Spread,
    pub(super) packets_per_second: Spread,
    pub(super) missing_ppm: Spread,
    pub(super) memory_kib: Spread,
    pub(super) admit_cpu_ms: Spread,
    pub(super) admit_all_ms: Spread,
    pub(super) shown_ms: (Spread, Spread),
    pub(super) picture_ms: (Spread, Spread),
    pub(super) whole_ms: (Spread, Spread),
    pub(super) delay_ms: (Spread, Spread),
    pub(super) stolen_percent: Spread,
}

impl Table {
    pub(super) fn of(watchers: usize, windows: &[(Floor, Row)]) -> Self {
        let rows = |figure: fn(&Row) -> f64| Spread::of(windows.iter().map(|(_, row)| figure(row)));
        let floors = |figure: fn(&Floor) -> f64| Spread::of(windows.iter().map(|(floor, _)| figure(floor)));
        Self {
            watchers,
            windows: windows.len(),
            packet_us: rows(|row| row.packet_ns / 1e3),
            floor_us: floors(|floor| floor.send_ns / 1e3),
            seal_us: floors(|floor| floor.seal_ns / 1e3),
            floors: Spread::of(windows.iter().map(|(floor, row)| row.packet_ns / floor.send_ns)),
            packets_per_second: rows(|row| row.packets_per_second),
            missing_ppm: rows(|row| row.missing_ppm),
            memory_kib: rows(|row| row.memory_kib),
            admit_cpu_ms: rows(|row| row.admit_cpu_ms),
            admit_all_ms: rows(|row| row.admit_all_ms),
            shown_ms: (rows(|row| row.shown_ms.0), rows(|row| row.shown_ms.1)),
            picture_ms: (rows(|row| row.picture_ms.0), rows(|row| row.picture_ms.1)),
            whole_ms: (rows(|row| row.whole_ms.0), rows(|row| row.whole_ms.1)),
            delay_ms: (rows(|row| row.delay_ms.0), rows(|row| row.delay_ms.1)),
            stolen_percent: rows(|row| row.stolen_percent),
        }
    }
}

/// Memory of one watcher more, KiB: what two numbers of watchers differ by, so that what the server has anyway is in neither. None for the first.
fn slope(tables: &[Table], n: usize) -> Option<f64> {
    let (table, before) = (tables.get(n)?, tables.get(n.checked_sub(1)?)?);
    let all = |table: &Table| table.memory_kib.median * table.watchers as f64;
    let more = table.watchers as f64 - before.watchers as f64;
    (more != 0.0).then(|| (all(table) - all(before)) / more)
}

/// Prints all of it.
#[expect(clippy::print_stdout, reason = "the table is what this command is asked for")]
pub(super) fn tell(cores: &Cores, tables: &[Table]) {
    println!(
        "720p30 at 1.5 Mb/s with sound, AES-256-GCM; {}; medians (least–most) of the windows",
        cores.said()
    );
    println!();
    let delay = |(half, most): (Spread, Spread)| format!("{:.1}, {}", half.median, most.said(1));
    println!(
        "| watchers | windows | CPU µs/packet | replayed floor µs | its seal µs | × floor | packets/s | missing ppm | delay ms p50, p99 | stolen % |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for table in tables {
        println!(
            "| {} | {} | {} | {} | {} | {} | {:.0} | {} | {} | {} |",
            table.watchers,
            table.windows,
            table.packet_us.said(2),
            table.floor_us.said(2),
            table.seal_us.said(2),
            table.floors.said(1),
            table.packets_per_second.median,
            table.missing_ppm.said(0),
            delay(table.delay_ms),
            table.stolen_percent.said(1),
        );
    }
    println!();
    println!(
        "| watchers | KiB/watcher | KiB of one more | admit CPU ms | all admitted ms | TAKE to shown ms p50, p95 | to first packet p50, p95 | to whole key frame p50, p95 |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let both = |(half, most): (Spread, Spread)| format!("{:.0}, {}", half.median, most.said(0));
    for (n, table) in tables.iter().enumerate() {
        println!(
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            table.watchers,
            table.memory_kib.said(0),
            slope(tables, n).map_or("–".to_owned(), |kib| format!("{kib:.0}")),
            table.admit_cpu_ms.said(2),
            table.admit_all_ms.said(0),
            both(table.shown_ms),
            both(table.picture_ms),
            both(table.whole_ms),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_told_by_their_middle_and_their_ends() {
        assert_eq!(Spread::of([3.0, 1.0, 2.0]), Spread { median: 2.0, least: 1.0, most: 3.0 });
        assert_eq!(Spread::of([]), Spread { median: 0.0, least: 0.0, most: 0.0 });
        assert_eq!(Spread::of([1.234]).said(1), "1.2 (1.2–1.2)");
    }
}
