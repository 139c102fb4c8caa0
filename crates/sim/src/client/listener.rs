use abide_protocol::{Message, RegisterListener, Request, Response};

use super::{Habits, LISTENERS};
use crate::actor::{Actor, Broken, Outside};

/// A message says that a promise has settled only when it has.
pub(crate) const TRUE: &str = "an unblock tells of a settled promise";

const WISH: u64 = 0;
const RECONNECT: u64 = 1;

/// A client that listens to promises.
pub(super) struct Listener {
    address: String,
    /// What it connects as, unless messages are posted to it.
    connects: Option<String>,
    habits: Habits,
    quiet: bool,
    untrue: Option<String>,
}

impl Listener {
    pub(super) fn new(address: String, connects: Option<String>, habits: Habits) -> Self {
        Listener { address, connects, habits, quiet: false, untrue: None }
    }

    fn connect(&self, world: &mut Outside<'_>) {
        if let Some(id) = &self.connects {
            world.connect(LISTENERS, id);
        }
    }

    fn think(&self, world: &mut Outside<'_>) {
        let pause = self.habits.pause(world.chance());
        world.timer(WISH, pause);
    }
}

impl Actor for Listener {
    fn start(&mut self, world: &mut Outside<'_>) {
        self.connect(world);
        self.think(world);
    }

    fn answered(&mut self, _: u64, _: Option<Response>, _: &mut Outside<'_>) {}

    fn message(&mut self, message: Message, _: &mut Outside<'_>) {
        match message {
            Message::Unblock { promise } if promise.is_pending() => {
                self.untrue = Some(format!("{promise:?}"));
            }
            Message::Execute { .. } => self.untrue = Some(format!("{message:?} at a listener")),
            Message::Unblock { .. } => {}
        }
    }

    fn timer(&mut self, name: u64, world: &mut Outside<'_>) {
        match name {
            RECONNECT => self.connect(world),
            _ if self.quiet => {}
            _ => {
                let now = world.now();
                let awaited = self.habits.id(now, world.chance());
                let address = self.address.clone();
                let register = RegisterListener { awaited, address };
                world.call(Request::PromiseRegisterListener(register));
                self.think(world);
            }
        }
    }

    fn disconnected(&mut self, world: &mut Outside<'_>) {
        let pause = world.chance().within(10, 500);
        world.timer(RECONNECT, pause);
    }

    fn quiet(&mut self, _: &mut Outside<'_>) {
        self.quiet = true;
    }

    fn verdict(&self) -> Result<(), Broken> {
        match &self.untrue {
            None => Ok(()),
            Some(why) => Err(Broken::new(TRUE, why)),
        }
    }
}
