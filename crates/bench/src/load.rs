//! A number of operations in flight for a while.

use std::{
    cell::{Cell, RefCell},
    io,
    rc::Rc,
    time::{Duration, Instant},
};

use crate::{Fault, process::Server, summary::Summary};

/// How long a load runs before it is measured.
const WARM_UP: Duration = Duration::from_millis(500);

/// What a load came to.
pub(crate) struct Measured {
    pub(crate) in_flight: usize,
    pub(crate) elapsed: Duration,
    pub(crate) latency: Summary,
    /// The processor time of the server, all threads.
    pub(crate) cpu: Duration,
}

impl Measured {
    pub(crate) fn rate(&self) -> f64 {
        self.latency.count() as f64 / self.elapsed.as_secs_f64()
    }

    pub(crate) fn cpu_each(&self) -> Duration {
        self.cpu.div_f64(self.latency.count().max(1) as f64)
    }
}

/// One of the operations in flight, repeated over and over on connections of its own.
pub(crate) trait Slot {
    /// Carries out the operation once; `id` has not been used before.
    async fn operate(&mut self, id: &str) -> io::Result<()>;
}

/// Runs all slots at once for a while. It needs a `LocalSet` around it.
pub(crate) async fn run<S: Slot + 'static>(
    server: &Server,
    slots: Vec<S>,
    time: Duration,
) -> Result<Measured, Fault> {
    let in_flight = slots.len();
    let latency = Rc::new(RefCell::new(Summary::default()));
    let (measuring, over) = (Rc::new(Cell::new(false)), Rc::new(Cell::new(false)));
    let tasks: Vec<_> = slots
        .into_iter()
        .enumerate()
        .map(|(number, mut slot)| {
            let (latency, measuring, over) = (latency.clone(), measuring.clone(), over.clone());
            tokio::task::spawn_local(async move {
                for turn in 0u64.. {
                    if over.get() {
                        break;
                    }
                    let id = format!("{number}-{turn}");
                    let (counts, started) = (measuring.get(), Instant::now());
                    slot.operate(&id).await?;
                    if counts && measuring.get() {
                        latency.borrow_mut().add(started.elapsed());
                    }
                }
                io::Result::Ok(())
            })
        })
        .collect();
    tokio::time::sleep(WARM_UP).await;
    let (started, before) = (Instant::now(), server.cpu()?);
    measuring.set(true);
    tokio::time::sleep(time).await;
    measuring.set(false);
    let (elapsed, cpu) = (started.elapsed(), server.cpu()? - before);
    over.set(true);
    for task in tasks {
        task.await??;
    }
    let latency = latency.take();
    Ok(Measured { in_flight, elapsed, latency, cpu })
}
