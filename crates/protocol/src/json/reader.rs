use std::borrow::Cow;

use super::{
    Unfit,
    escape::{Unescaped, unescape},
    scan::{is_clean, plain, unquoted},
};

/// The most digits of an integer; as many of them as there may be fit into 64 bits.
const MAX_DIGITS: usize = 19;

/// How deep values may be nested.
const DEPTH: usize = 16;

/// Reads JSON, if it is of the usual kind.
pub(crate) struct Reader<'de> {
    text: &'de str,
    at: usize,
    depth: usize,
    /// Whether an object or an array has just been opened.
    first: bool,
    /// Whether no control character is in it.
    clean: bool,
    /// Where strings are put together.
    scratch: Vec<u8>,
}

impl<'de> Reader<'de> {
    /// Reads a whole text.
    pub(crate) fn read_with<T>(
        text: &'de str,
        read: impl FnOnce(&mut Self) -> Result<T, Unfit>,
    ) -> Result<T, Unfit> {
        let clean = is_clean(text.as_bytes());
        let mut reader = Reader { text, at: 0, depth: 0, first: false, clean, scratch: Vec::new() };
        let value = read(&mut reader)?;
        match reader.peek() {
            None => Ok(value),
            Some(_) => Err(Unfit),
        }
    }

    #[inline]
    fn bytes(&self) -> &'de [u8] {
        &self.text.as_bytes()[self.at..]
    }

    /// The next byte that is not white space.
    #[inline]
    pub(crate) fn peek(&mut self) -> Option<u8> {
        match self.text.as_bytes().get(self.at) {
            Some(byte) if *byte > b' ' => Some(*byte),
            _ => self.peek_behind_space(),
        }
    }

    #[cold]
    fn peek_behind_space(&mut self) -> Option<u8> {
        let is_space = |byte: &u8| matches!(byte, b' ' | b'\n' | b'\t' | b'\r');
        self.at += self.bytes().iter().take_while(|byte| is_space(byte)).count();
        self.bytes().first().copied()
    }

    /// Passes over this byte, if it is the next one.
    #[inline]
    fn takes(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    #[inline]
    fn take(&mut self, byte: u8) -> Result<(), Unfit> {
        if self.takes(byte) { Ok(()) } else { Err(Unfit) }
    }

    /// Begins an object or an array.
    #[inline]
    pub(crate) fn open(&mut self, bracket: u8) -> Result<(), Unfit> {
        self.take(bracket)?;
        if self.depth == DEPTH {
            return Err(Unfit);
        }
        self.depth += 1;
        self.first = true;
        Ok(())
    }

    /// Passes over what comes before the next field or item. If there is none, it ends the object
    /// or the array, and says so.
    #[inline]
    pub(crate) fn more(&mut self, close: u8) -> Result<bool, Unfit> {
        let first = std::mem::take(&mut self.first);
        match self.peek() {
            Some(byte) if byte == close => {
                self.at += 1;
                self.depth -= 1;
                Ok(false)
            }
            Some(b',') if !first => {
                self.at += 1;
                Ok(true)
            }
            Some(_) if first => Ok(true),
            _ => Err(Unfit),
        }
    }

    /// The name of the next field; none ends the object.
    #[inline]
    pub(crate) fn name(&mut self) -> Result<Option<Cow<'de, str>>, Unfit> {
        if !self.more(b'}')? {
            return Ok(None);
        }
        let name = self.string()?;
        self.take(b':')?;
        Ok(Some(name))
    }

    /// The same where names are known ones, none of which has to be escaped.
    #[inline]
    pub(crate) fn key(&mut self) -> Result<Option<&'de str>, Unfit> {
        if !self.more(b'}')? {
            return Ok(None);
        }
        let name = self.plain_string()?;
        self.take(b':')?;
        Ok(Some(name))
    }

    /// Passes over the name of the next field, in its quotes and with its colon, if it is this one
    /// and nothing is between.
    #[inline]
    pub(crate) fn takes_key<const LENGTH: usize>(&mut self, key: &[u8; LENGTH]) -> bool {
        let rest = match (self.first, self.bytes()) {
            (true, rest) | (false, [b',', rest @ ..]) => rest,
            _ => return false,
        };
        // The length is known to the compiler: this is a few instructions.
        let found = rest.first_chunk() == Some(key);
        if found {
            self.first = false;
            self.at = self.text.len() - rest.len() + LENGTH;
        }
        found
    }

    #[inline]
    pub(crate) fn string(&mut self) -> Result<Cow<'de, str>, Unfit> {
        self.take(b'"')?;
        let (text, start) = (self.text, self.at);
        let rest = self.bytes();
        let length = if self.clean { unquoted(rest) } else { plain(rest) };
        self.at += length;
        match rest.get(length) {
            Some(b'"') => {
                self.at += 1;
                text.get(start..start + length).map(Cow::Borrowed).ok_or(Unfit)
            }
            Some(b'\\') => self.escaped(start).map(Cow::Owned),
            _ => Err(Unfit),
        }
    }

    /// A string in which nothing is escaped.
    #[inline]
    pub(crate) fn plain_string(&mut self) -> Result<&'de str, Unfit> {
        match self.string()? {
            Cow::Borrowed(text) => Ok(text),
            Cow::Owned(_) => Err(Unfit),
        }
    }

    /// The string that begins at `start` and whose first escape comes next.
    #[inline(never)]
    fn escaped(&mut self, start: usize) -> Result<String, Unfit> {
        self.scratch.clear();
        self.scratch.extend_from_slice(&self.text.as_bytes()[start..self.at]);
        let rest = match unescape(self.bytes(), &mut self.scratch)? {
            Unescaped::Whole(rest) => rest,
            Unescaped::Rare(rest) => return self.any_escaped(start, rest),
        };
        self.at = self.text.len() - rest.len();
        str::from_utf8(&self.scratch).map(str::to_owned).map_err(|_| Unfit)
    }

    /// The same if it has escapes that are rarely seen; of the `rest` nothing is known.
    fn any_escaped(&mut self, start: usize, mut rest: &[u8]) -> Result<String, Unfit> {
        loop {
            match rest.get(plain(rest)..).ok_or(Unfit)? {
                [b'"', after @ ..] => {
                    self.at = self.text.len() - after.len();
                    let quoted = self.text.get(start - 1..self.at).ok_or(Unfit)?;
                    return serde_json::from_str(quoted).map_err(|_| Unfit);
                }
                [b'\\', _, after @ ..] => rest = after,
                _ => return Err(Unfit),
            }
        }
    }

    pub(crate) fn integer(&mut self) -> Result<i64, Unfit> {
        let negative = self.takes(b'-');
        let bytes = self.bytes();
        let (mut sum, mut digits) = (0_u64, 0);
        while let Some(digit @ b'0'..=b'9') = bytes.get(digits) {
            if digits == MAX_DIGITS {
                return Err(Unfit);
            }
            sum = sum * 10 + u64::from(digit - b'0');
            digits += 1;
        }
        self.at += digits;
        let leading = bytes.first() == Some(&b'0') && (digits > 1 || negative);
        let fraction = matches!(bytes.get(digits), Some(b'.' | b'e' | b'E'));
        if digits == 0 || leading || fraction {
            return Err(Unfit);
        }
        let signed = if negative { 0_i64.checked_sub_unsigned(sum) } else { sum.try_into().ok() };
        signed.ok_or(Unfit)
    }

    /// Passes over this word, if it is what comes next.
    #[inline]
    pub(crate) fn word(&mut self, word: &str) -> bool {
        self.peek();
        let found = self.bytes().starts_with(word.as_bytes());
        self.at += if found { word.len() } else { 0 };
        found
    }

    /// Passes over a value.
    pub(crate) fn skip(&mut self) -> Result<(), Unfit> {
        match self.peek().ok_or(Unfit)? {
            b'"' => drop(self.string()?),
            b'{' => {
                self.open(b'{')?;
                while self.name()?.is_some() {
                    self.skip()?;
                }
            }
            b'[' => {
                self.open(b'[')?;
                while self.more(b']')? {
                    self.skip()?;
                }
            }
            b'-' | b'0'..=b'9' => drop(self.integer()?),
            _ if ["true", "false", "null"].into_iter().any(|word| self.word(word)) => {}
            _ => return Err(Unfit),
        }
        Ok(())
    }
}
