//! What something costs: the processor's time, the clock's, and memory.

use std::time::{Duration, Instant};

/// What each round took.
#[derive(Default)]
pub struct Times {
    cpu: Vec<f64>,
    clock: Vec<f64>,
}

/// The beginning of a round.
pub struct Start {
    cpu: Duration,
    clock: Instant,
}

impl Start {
    /// Now.
    pub fn now() -> Self {
        Self { cpu: cpu(), clock: Instant::now() }
    }
}

impl Times {
    /// The end of a round, after so many of what is measured.
    pub fn end(&mut self, start: Start, count: u32) {
        let clock = start.clock.elapsed();
        let cpu = cpu().saturating_sub(start.cpu);
        self.clock.push(clock.as_secs_f64() * 1e3 / f64::from(count));
        self.cpu.push(cpu.as_secs_f64() * 1e3 / f64::from(count));
    }

    /// Prints median, least and most.
    pub fn show(mut self, what: &str) {
        self.cpu.sort_by(f64::total_cmp);
        self.clock.sort_by(f64::total_cmp);
        let [first, middle, last] = [0, self.cpu.len() / 2, self.cpu.len() - 1].map(|at| self.cpu[at]);
        let clock = self.clock[self.clock.len() / 2];
        println!("{middle:8.2} ms of processor [{first:.2}-{last:.2}], {clock:.2} ms of clock  {what}");
    }
}

/// What all threads of this process have run, to the nanosecond (`schedstat`, proc(5)).
fn cpu() -> Duration {
    // A thread's own count is brought up to date when it rests.
    std::thread::sleep(Duration::from_micros(50));
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let run = tasks.filter_map(|task| {
        let stat = std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
        stat.split_whitespace().next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(run.sum())
}

/// The most memory that this process has held.
pub fn peak_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}
