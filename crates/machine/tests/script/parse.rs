use abide_machine::{Config, Internal, Unblock};
use abide_protocol::{Envelope, Extensions, Id, Request, Response, VERSION};
use serde_json::{Map, Value, json};

/// A line of a script.
pub(super) enum Line {
    Text,
    Title,
    Outcome,
    Config(Config),
    At(i64, Command),
}

/// What a line asks for.
pub(super) enum Command {
    Request(Request),
    Unreadable(Box<Response>),
    Internal(Internal),
    NextOccurrence(Id),
    Drain,
    Tick,
    State,
    Armed,
}

type Parsed<T> = Result<T, String>;

pub(super) fn line(line: &str) -> Parsed<Line> {
    if line.starts_with("  ") {
        return Ok(Line::Outcome);
    }
    if line.starts_with("==") {
        return Ok(Line::Title);
    }
    let words = words(line)?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match &*words {
        [] => Ok(Line::Text),
        [first, ..] if first.starts_with('#') => Ok(Line::Text),
        ["config", rest @ ..] => {
            let fields = pairs(rest)?;
            let number = |name: &str, default: i64| {
                find(&fields, name).map_or(Ok(default), |text| text.parse().map_err(|_| text))
            };
            let retry_interval = number("retry", 5_000)?;
            let preload_limit = number("preload", 1_000)? as usize;
            let extensions = match find(&fields, "extensions") {
                Some(names) => Extensions::from_names(names.split(',')),
                None => Extensions::all(),
            };
            Ok(Line::Config(Config { retry_interval, preload_limit, extensions }))
        }
        ["at", time, kind, rest @ ..] => {
            let time = time.parse().map_err(|_| format!("{time:?} is not a time"))?;
            Ok(Line::At(time, command(kind, rest)?))
        }
        _ => Err(format!("{line:?} is not understood")),
    }
}

/// Splits at spaces, but not within double quotes. A quoted part is a JSON string.
fn words(line: &str) -> Parsed<Vec<String>> {
    let mut words = Vec::new();
    let mut rest = line.trim();
    if rest.starts_with('#') {
        return Ok(vec![rest.to_owned()]);
    }
    while !rest.is_empty() {
        let mut end = rest.find([' ', '"']).unwrap_or(rest.len());
        let mut word = rest[..end].to_owned();
        if rest[end..].starts_with('"') {
            let mut strings =
                serde_json::Deserializer::from_str(&rest[end..]).into_iter::<String>();
            let text = strings.next().ok_or("no string")?.map_err(|error| error.to_string())?;
            end += strings.byte_offset();
            word.push_str(&text);
        }
        words.push(word);
        rest = rest[end..].trim_start();
    }
    Ok(words)
}

type Pairs = Vec<(String, String)>;

fn pairs(words: &[&str]) -> Parsed<Pairs> {
    let pair = |word: &&str| {
        let (name, value) = word.split_once('=').ok_or(format!("{word:?} is not name=value"))?;
        Ok((name.to_owned(), value.to_owned()))
    };
    words.iter().map(pair).collect()
}

fn find(fields: &Pairs, name: &str) -> Option<String> {
    fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
}

fn command(kind: &str, words: &[&str]) -> Parsed<Command> {
    match kind {
        "drain" => Ok(Command::Drain),
        "tick" => Ok(Command::Tick),
        "state" => Ok(Command::State),
        "armed" => Ok(Command::Armed),
        _ if kind.contains('.') => request(kind, words),
        _ => internal(kind, &pairs(words)?),
    }
}

fn internal(kind: &str, fields: &Pairs) -> Parsed<Command> {
    let text = |name: &str| find(fields, name).ok_or(format!("{kind} needs {name}"));
    let id = |name: &str| text(name).map(Id::from);
    Ok(Command::Internal(match kind {
        "deadline" => Internal::Deadline { id: id("id")? },
        "callback" => Internal::Callback { awaited: id("awaited")?, awaiter: id("awaiter")? },
        "listener" => Internal::Listener { id: id("id")?, address: text("address")?.into() },
        "lease" => Internal::Lease { id: id("id")? },
        "dispatch" => Internal::Dispatch { id: id("id")? },
        "offer" => Internal::Offer { id: id("id")? },
        "occurrence" => match find(fields, "promise") {
            Some(promise) => Internal::Occurrence { id: id("id")?, promise: promise.into() },
            None => return Ok(Command::NextOccurrence(id("id")?)),
        },
        "cancel" => Internal::Cancel { owner: id("owner")?, id: id("id")? },
        "cascade" => Internal::Cascade { id: id("id")? },
        "delivered" => Internal::Delivered(Unblock {
            address: text("address")?.into(),
            promise: id("promise")?,
        }),
        _ => return Err(format!("there is no step {kind:?}")),
    }))
}

/// Goes through the wire: what a script writes is read as a client's request is.
fn request(kind: &str, words: &[&str]) -> Parsed<Command> {
    let mut parts = words.split(|word| *word == "|");
    let mut data = data(kind, parts.next().unwrap_or_default())?;
    let inner = parts.map(|part| {
        let (kind, words) = part.split_first().ok_or("an inner envelope is empty")?;
        Ok(envelope(kind, self::data(kind, words)?))
    });
    let mut inner = inner.collect::<Parsed<Vec<Value>>>()?;
    if kind == "task.suspend" {
        // No `awaits=` means an empty list.
        data.entry("actions").or_insert_with(|| json!([])).as_array_mut().unwrap().extend(inner);
    } else if let Some(action) = inner.pop() {
        data.insert("action".into(), action);
    }
    let bytes = serde_json::to_vec(&envelope(kind, data)).unwrap();
    Ok(match Envelope::from_json(&bytes) {
        Ok(envelope) => Command::Request(envelope.request),
        Err(refused) => Command::Unreadable(Box::new(refused.response)),
    })
}

fn envelope(kind: &str, data: Map<String, Value>) -> Value {
    json!({"kind": kind, "head": {"corrId": "1", "version": VERSION}, "data": data})
}

fn data(kind: &str, words: &[&str]) -> Parsed<Map<String, Value>> {
    let fields = pairs(words)?;
    let mut data = Map::new();
    let schedule = kind == "schedule.create";
    for (name, value) in &fields {
        match name.as_str() {
            "timeoutAt" | "ttl" | "version" | "limit" | "time" | "promiseTimeout" => {
                let number = value.parse::<i64>().map(Value::from);
                data.insert(name.clone(), number.unwrap_or_else(|_| value.clone().into()));
            }
            "value" | "param" => {
                let name = if schedule { "promiseParam" } else { name };
                data.insert(name.into(), json!({ "data": value }));
            }
            "resumed" | "again" => {
                data.insert(name.clone(), Value::Bool(value == "true"));
            }
            "promises" => {
                data.insert(name.clone(), value.split(',').collect());
            }
            "tasks" => {
                data.insert(name.clone(), tasks(value)?);
            }
            "awaits" => {
                data.insert("actions".into(), callbacks(&fields, value));
            }
            _ => match tag(name) {
                Some(tag) => {
                    let tags = if schedule { "promiseTags" } else { "tags" };
                    let tags = data.entry(tags).or_insert_with(|| json!({}));
                    tags[tag] = json!(value);
                }
                None => {
                    data.insert(name.clone(), json!(value));
                }
            },
        }
    }
    Ok(data)
}

/// The tags that mean something go by their last word; any other is written `tag:name`.
fn tag(name: &str) -> Option<String> {
    match name {
        "target" | "timer" | "external" | "scope" | "delay" | "origin" | "branch" | "parent"
        | "prefix" => Some(format!("resonate:{name}")),
        "owner" => Some("abide:owner".into()),
        _ => name.strip_prefix("tag:").map(str::to_owned),
    }
}

fn tasks(list: &str) -> Parsed<Value> {
    let task = |text: &str| {
        let (id, version) = text.split_once('@').ok_or("a task is written id@version")?;
        let version: i64 = version.parse().map_err(|_| "a version is a number")?;
        Ok(json!({"id": id, "version": version}))
    };
    list.split(',').filter(|text| !text.is_empty()).map(task).collect()
}

fn callbacks(fields: &Pairs, list: &str) -> Value {
    let awaiter = find(fields, "id");
    let callback = |awaited: &str| {
        let data = json!({"awaited": awaited, "awaiter": awaiter});
        envelope("promise.register_callback", data.as_object().unwrap().clone())
    };
    list.split(',').filter(|text| !text.is_empty()).map(callback).collect()
}
