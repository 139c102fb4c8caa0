//! Runs in which nothing may be found, and runs in which something has to be.

use abide_sim::{CHECKERS, Campaign, Dial, Plant, Setting, run};

/// How many seeds a test of a debug build runs.
const SEEDS: u64 = 150;

#[test]
fn nothing_is_broken() {
    let (setting, threads) = (Setting::default(), 2);
    let campaign = Campaign { seeds: 0..SEEDS, budget: None, threads, setting };
    let report = campaign.run(|_| {});
    assert!(report.failure.is_none(), "{}", report.failure.unwrap());
    assert_eq!(report.seeds, SEEDS);
    // All of it has taken part.
    let counts = report.counts;
    for count in [counts.commits, counts.messages, counts.mishaps, counts.disk_failures] {
        assert!(count > SEEDS, "{counts:?}");
    }
    assert!(report.tally.total() > 1_000 * SEEDS, "{}", report.tally.total());
}

#[test]
fn a_seed_decides_everything() {
    for seed in 0..30 {
        let once = run(seed, &Setting::default()).expect("nothing is broken");
        let again = run(seed, &Setting::default()).expect("nothing is broken");
        assert_eq!((once.hash, once.counts), (again.hash, again.counts), "seed {seed}");
    }
    let hashes: std::collections::BTreeSet<u64> = (0..30)
        .map(|seed| run(seed, &Setting::default()).expect("nothing is broken").hash)
        .collect();
    assert_eq!(hashes.len(), 30);
}

#[test]
fn a_story_is_told_without_changing_it() {
    let quiet = run(4, &Setting::default()).expect("nothing is broken");
    let setting = Setting { story: true, ..Setting::default() };
    let told = run(4, &setting).expect("nothing is broken");
    assert_eq!(quiet.hash, told.hash);
    assert!(told.story.len() > 50, "{}", told.story.len());
}

/// Who catches a plant first, when some look away.
fn caught(plant: Plant, blind: &[&'static str]) -> &'static str {
    for checker in blind {
        assert!(CHECKERS.iter().any(|(name, _)| name == checker), "{checker}");
    }
    // Programs would often notice first.
    let (blind, without) = (blind.to_vec(), vec![Dial::Workers]);
    let setting = Setting { plant: Some(plant), blind, without, ..Setting::default() };
    let found = (0..2_000).find_map(|seed| run(seed, &setting).err());
    found.unwrap_or_else(|| panic!("nobody catches {plant:?}")).checker
}

#[test]
fn an_early_acknowledgement_is_caught_by_the_store_and_by_clients() {
    let checker = caught(Plant::EarlyAcknowledgement, &[]);
    assert_eq!(checker, "acknowledged writes survive");
    let blind = ["acknowledged writes survive", "a commit is atomic"];
    let checker = caught(Plant::EarlyAcknowledgement, &blind);
    let clients = [
        "what is told of a promise never goes back",
        "all are told the same of a promise",
        "what is told of a task never goes back",
        "a version of a task is claimed once",
        "every promise listened to is heard",
    ];
    assert!(clients.contains(&checker), "{checker}");
}

#[test]
fn a_claim_that_does_not_fence_is_caught() {
    assert_eq!(caught(Plant::DoubleClaim, &[]), "a claim fences all before it");
}

#[test]
fn half_a_commit_is_caught() {
    // Some of these runs miss what was acknowledged, or an index entry, before that.
    let setting = Setting { plant: Some(Plant::HalfCommit), ..Setting::default() };
    let failures = (0..2_000).filter_map(|seed| run(seed, &setting).err());
    assert!(failures.map(|failure| failure.checker).any(|name| name == "a commit is atomic"));
}

#[test]
fn a_lost_message_is_caught() {
    assert_eq!(caught(Plant::LostUnblock, &[]), "every promise listened to is heard");
}

#[test]
fn a_task_that_is_never_offered_is_caught() {
    assert_eq!(caught(Plant::LostOffers, &[]), "every live task is eventually offered");
}
