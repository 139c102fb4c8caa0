//! Both ways of running a program, compared.

use std::fmt::Debug;

use abide::{Abide, Error, Result, test::World};

use crate::{durable, plain};

/// What one sees of a result.
fn seen<T: Debug>(result: Result<T>) -> Result<String> {
    match result {
        Ok(value) => Ok(format!("{value:?}")),
        // The program's own failures, and not those of the world.
        Err(error) if error.code() == "application" => Ok(format!("error: {}", error.message())),
        Err(error) => Err(error),
    }
}

fn agree<P: Debug, D: Debug>(
    plain: impl AsyncFn() -> Result<P>,
    durable: impl AsyncFn(Abide) -> Result<D>,
) {
    let expected = std::cell::RefCell::new(String::new());
    World::new().run(async |_| {
        expected.replace(seen(plain().await)?);
        Ok::<_, Error>(())
    });
    let expected = expected.into_inner();
    println!("{expected}");
    let same = async |abide: Abide| {
        assert_eq!(seen(durable(abide).await)?, expected);
        Ok(())
    };
    World::new().same_records().crash_at_every_step().run(same);
    World::new().same_records().crash_every(4).run(same);
    let world = World::new().seeds(0..5).workers(2).crash_randomly(0.1).freeze_randomly(0.05);
    world.lose_requests(0.05).lose_messages(0.2).repeat_messages(0.2).run(same);
    let world = World::new().behind_a_plain_server().seeds(0..5).crash_randomly(0.1);
    world.lose_requests(0.05).lose_messages(0.2).run(same);
}

macro_rules! twins {
    ($($program:ident,)*) => {$(
        #[test]
        fn $program() {
            let id = stringify!($program);
            agree(
                async || plain::$program().await,
                async |abide: Abide| abide.run(id, durable::$program()).await,
            );
        }
    )*};
}

twins! {
    matches,
    defaults,
    question_marks,
    if_let,
    retries,
    cleans_up,
    concurrent_failures,
    boxed_recursion,
}
