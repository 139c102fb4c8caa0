//! Requests in one line, and stores that fail when they are told to.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use abide_node::{Config, Node};
use abide_protocol::{
    Millis, PromiseCreate, PromiseGet, PromiseSettle, RegisterListener, Request, SettleAction,
    SettleState, Tags, TaskAcquire, TaskFulfill, Tick,
};
use abide_store::{
    Claim, Commit, Delay, Epoch, Error, Key, MemoryStore, Page, Range, ShardId, Store,
};

/// A deadline that no test reaches.
const FAR: Millis = 9_000_000_000_000;
pub(crate) const DEBUG_START: Request = Request::DebugStart;
pub(crate) const DEBUG_RESET: Request = Request::DebugReset;
pub(crate) const DEBUG_SNAP: Request = Request::DebugSnap;

pub(crate) fn memory() -> Arc<dyn Store> {
    Arc::new(MemoryStore::new())
}

pub(crate) fn slow() -> Arc<dyn Store> {
    Arc::new(Delay::new(MemoryStore::new(), Duration::from_millis(2)))
}

pub(crate) async fn node(store: Arc<dyn Store>) -> Node {
    Node::open(store, Config::default()).await.unwrap()
}

pub(crate) async fn debug_node() -> Node {
    Node::open(memory(), Config { debug: true, ..Config::default() }).await.unwrap()
}

pub(crate) async fn node_with(
    opener: impl Fn() -> Result<Arc<dyn Store>, Error> + Send + Sync + 'static,
) -> Node {
    Node::open_with(opener, Config::default()).await.unwrap()
}

fn promise(id: &str, timeout_at: Millis, tags: &[(&str, &str)]) -> Request {
    let tags = Arc::new(tags.iter().copied().collect::<Tags>());
    let param = Arc::default();
    Request::PromiseCreate(PromiseCreate { id: id.into(), timeout_at, param, tags })
}

pub(crate) fn create(id: &str) -> Request {
    promise(id, FAR, &[])
}

pub(crate) fn targeted(id: &str, address: &str) -> Request {
    promise(id, FAR, &[("resonate:target", address)])
}

/// A timer that long from now.
pub(crate) fn timer(id: &str, span: Millis) -> Request {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as Millis;
    timer_at(id, now + span)
}

pub(crate) fn timer_at(id: &str, timeout_at: Millis) -> Request {
    promise(id, timeout_at, &[("resonate:timer", "true")])
}

pub(crate) fn get(id: &str) -> Request {
    Request::PromiseGet(PromiseGet { id: id.into() })
}

fn resolved(id: &str) -> PromiseSettle {
    PromiseSettle { id: id.into(), state: SettleState::Resolved, value: Arc::default() }
}

pub(crate) fn settle(id: &str) -> Request {
    Request::PromiseSettle(resolved(id))
}

pub(crate) fn listen(id: &str, address: &str) -> Request {
    Request::PromiseRegisterListener(RegisterListener {
        awaited: id.into(),
        address: address.into(),
    })
}

pub(crate) fn acquire(id: &str, version: i64) -> Request {
    let pid = "w1".into();
    Request::TaskAcquire(TaskAcquire { id: id.into(), version, pid, ttl: 60_000, resumed: false })
}

pub(crate) fn fulfill(id: &str, version: i64) -> Request {
    let action = SettleAction { corr_id: "1".into(), settle: resolved(id) };
    Request::TaskFulfill(TaskFulfill { id: id.into(), version, action })
}

pub(crate) fn tick(time: Millis) -> Request {
    Request::DebugTick(Tick { time })
}

/// A store that fails when it is told to, and is broken from then on until it is opened again.
#[derive(Clone)]
pub(crate) struct Flaky(Arc<FlakyState>);

struct FlakyState {
    /// What was written before it broke.
    disk: MemoryStore,
    opened: AtomicUsize,
    /// How many openings are not closed yet, and how many there ever were at a time.
    open: AtomicUsize,
    most_open: AtomicUsize,
    commits: AtomicUsize,
    commits_to_fail: AtomicUsize,
    loads_to_fail: AtomicUsize,
}

/// One opening of it.
struct Opened {
    flaky: Flaky,
    number: usize,
    broken: AtomicUsize,
}

impl Flaky {
    pub(crate) fn new()
    -> (Flaky, impl Fn() -> Result<Arc<dyn Store>, Error> + Send + Sync + 'static) {
        let flaky = Flaky(Arc::new(FlakyState {
            disk: MemoryStore::new(),
            opened: AtomicUsize::new(0),
            open: AtomicUsize::new(0),
            most_open: AtomicUsize::new(0),
            commits: AtomicUsize::new(0),
            commits_to_fail: AtomicUsize::new(0),
            loads_to_fail: AtomicUsize::new(0),
        }));
        let opener = flaky.clone();
        let open = move || {
            let number = opener.0.opened.fetch_add(1, Ordering::SeqCst) + 1;
            let open = opener.0.open.fetch_add(1, Ordering::SeqCst) + 1;
            opener.0.most_open.fetch_max(open, Ordering::SeqCst);
            let broken = AtomicUsize::new(0);
            let store: Arc<dyn Store> = Arc::new(Opened { flaky: opener.clone(), number, broken });
            Ok(store)
        };
        (flaky, open)
    }

    /// The next commits fail, each on the opening that it finds.
    pub(crate) fn fail_commits(&self, count: usize) {
        self.0.commits_to_fail.store(count, Ordering::SeqCst);
    }

    pub(crate) fn fail_loads(&self, count: usize) {
        self.0.loads_to_fail.store(count, Ordering::SeqCst);
    }

    /// How many openings there ever were at a time: a directory takes one.
    pub(crate) fn most_open(&self) -> usize {
        self.0.most_open.load(Ordering::SeqCst)
    }

    /// How often something was written.
    pub(crate) fn commits(&self) -> usize {
        self.0.commits.load(Ordering::SeqCst)
    }

    /// How often it was opened.
    pub(crate) fn opened(&self) -> usize {
        self.0.opened.load(Ordering::SeqCst)
    }
}

impl Opened {
    fn fails(&self, left: &AtomicUsize) -> Result<(), Error> {
        let take = |left: usize| left.checked_sub(1);
        if left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take).is_ok() {
            self.broken.store(1, Ordering::SeqCst);
        }
        match self.broken.load(Ordering::SeqCst) {
            0 => Ok(()),
            _ => Err(Error::Unavailable(format!("opening {} is broken", self.number))),
        }
    }

    fn disk(&self) -> &MemoryStore {
        &self.flaky.0.disk
    }
}

impl Drop for Opened {
    /// To close a store takes time.
    fn drop(&mut self) {
        std::thread::sleep(Duration::from_millis(50));
        self.flaky.0.open.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Store for Opened {
    fn claim(&self, shard: ShardId, node: &str, lease: i64, now: i64) -> Result<Claim, Error> {
        self.disk().claim(shard, node, lease, now)
    }

    fn load(&self, shard: ShardId, keys: &[Key]) -> Result<Vec<Option<Vec<u8>>>, Error> {
        self.fails(&self.flaky.0.loads_to_fail)?;
        self.disk().load(shard, keys)
    }

    fn scan(&self, shard: ShardId, range: &Range, limit: usize) -> Result<Page, Error> {
        self.disk().scan(shard, range, limit)
    }

    fn commit(&self, commits: &[Commit]) -> Result<(), Error> {
        self.fails(&self.flaky.0.commits_to_fail)?;
        self.flaky.0.commits.fetch_add(1, Ordering::SeqCst);
        self.disk().commit(commits)
    }

    fn clear(&self, shard: ShardId, epoch: Epoch) -> Result<(), Error> {
        self.disk().clear(shard, epoch)
    }
}
