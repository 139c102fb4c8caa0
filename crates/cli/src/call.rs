//! A function call as SDKs of every language understand it.

use abide_protocol::{PromiseCreate, Tags, Value, tag};
use clap::Args;
use serde::Serialize;

use crate::payload::{self, Decoded, Json};

/// The function to call.
#[derive(Args, Clone, Debug)]
pub(crate) struct Call {
    /// The function's name, as the workers registered it
    #[arg(long, value_name = "NAME")]
    pub(crate) func: String,
    /// An argument, as JSON; repeat it for more
    #[arg(long = "arg", value_name = "JSON")]
    pub(crate) args: Vec<Json>,
    /// The function's version, where several are registered
    #[arg(long, value_name = "N")]
    pub(crate) func_version: Option<u32>,
}

/// A call as it travels.
#[derive(Serialize)]
struct Wire<'a> {
    func: &'a str,
    args: &'a [Json],
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u32>,
}

impl Call {
    /// The payload that workers of every language read.
    pub(crate) fn payload(&self) -> Value {
        let version = self.func_version;
        payload::encode(&Json::of(&Wire { func: &self.func, args: &self.args, version }))
    }
}

/// The address of a worker group: its name, or an address written out.
pub(crate) fn address(group: &str) -> String {
    if group.contains("://") { group.to_owned() } else { format!("poll://any@{group}") }
}

/// The tags of a root call: it starts an execution tree of its own and is executed by `group`.
pub(crate) fn root_tags(id: &str, group: &str) -> Tags {
    [
        (tag::TARGET, address(group).as_str()),
        (tag::SCOPE, "global"),
        (tag::ORIGIN, id),
        (tag::BRANCH, id),
        (tag::PARENT, id),
    ]
    .into_iter()
    .collect()
}

/// Whether what exists under the id is another call than the one asked for. The deadline does
/// not count: calling again later is the same call.
pub(crate) fn differs(asked: &PromiseCreate, param: &Value, tags: &Tags) -> bool {
    *asked.param != *param || tags.target() != asked.tags.target()
}

/// How a payload that is a call reads in a program: `charge("card-7", 42)`.
pub(crate) fn written(payload: &Decoded) -> Option<String> {
    let json = payload.json()?;
    let func = json.field("func")?.string()?;
    // One published SDK writes a single argument bare.
    let args = json
        .field("args")
        .map_or_else(Vec::new, |args| args.elements().unwrap_or_else(|| vec![args]));
    let args: Vec<_> = args.iter().map(Json::text).collect();
    Some(format!("{func}({})", args.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::{Call, address, root_tags, written};
    use crate::payload::{Json, decode, encode};

    fn call(args: &[&str], func_version: Option<u32>) -> Call {
        let args = args.iter().map(|arg| arg.parse().unwrap()).collect();
        Call { func: "charge".into(), args, func_version }
    }

    #[test]
    fn the_payload_is_what_the_sdks_send() {
        let payload = call(&["\"card-7\"", "42"], None).payload();
        assert_eq!(decode(&payload).to_string(), r#"{"func":"charge","args":["card-7",42]}"#);
        let payload = call(&[], Some(2)).payload();
        assert_eq!(decode(&payload).to_string(), r#"{"func":"charge","args":[],"version":2}"#);
    }

    #[test]
    fn a_call_reads_like_one() {
        let payload = decode(&call(&["\"card-7\"", "42"], None).payload());
        assert_eq!(written(&payload).unwrap(), r#"charge("card-7", 42)"#);
    }

    #[test]
    fn a_bare_argument_reads_like_one() {
        let json: Json = r#"{"func":"f","args":7}"#.parse().unwrap();
        assert_eq!(written(&decode(&encode(&json))).unwrap(), "f(7)");
        assert_eq!(written(&decode(&encode(&"7".parse().unwrap()))), None);
    }

    #[test]
    fn a_group_is_a_name_or_an_address() {
        assert_eq!(address("workers"), "poll://any@workers");
        assert_eq!(address("https://example.com/run"), "https://example.com/run");
    }

    #[test]
    fn a_root_is_its_own_origin_branch_and_parent() {
        let tags = root_tags("a", "workers");
        for (name, value) in [
            ("resonate:origin", "a"),
            ("resonate:branch", "a"),
            ("resonate:parent", "a"),
            ("resonate:scope", "global"),
            ("resonate:target", "poll://any@workers"),
        ] {
            assert_eq!(tags.get(name), Some(value));
        }
    }
}
