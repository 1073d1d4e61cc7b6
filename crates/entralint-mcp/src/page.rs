//! Bounded lists: a part of the items, and the way to the next.

/// Items of a result where the request names no limit.
const USUAL: usize = 20;

/// The highest limit.
const MOST: usize = 200;

/// Which part of a list is wanted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Part {
    /// How many items at most, 1 to 200; 20 by default.
    pub(crate) limit: Option<usize>,
    /// `next_cursor` of the result before.
    pub(crate) cursor: Option<String>,
}

impl Part {
    /// How many items are given for the limit of a request.
    ///
    /// # Errors
    ///
    /// That it is too low or too high.
    pub(crate) fn limit(named: Option<usize>) -> Result<usize, String> {
        let limit = named.unwrap_or(USUAL);
        if (1..=MOST).contains(&limit) {
            Ok(limit)
        } else {
            Err(format!("`limit` is {limit}: give 1 to {MOST}"))
        }
    }

    /// The items of this part, and the cursor of the next one.
    ///
    /// # Errors
    ///
    /// What is wrong with the limit or the cursor.
    pub(crate) fn of<T>(&self, items: Vec<T>) -> Result<(Vec<T>, Option<String>), String> {
        let limit = Self::limit(self.limit)?;
        let start = match &self.cursor {
            Some(cursor) => cursor.parse::<usize>().map_err(
                |_| "`cursor` is not one of this server: give the `next_cursor` of a result, or leave it out",
            )?,
            None => 0,
        };
        let total = items.len();
        let end = start.saturating_add(limit);
        let next = (end < total).then(|| end.to_string());
        Ok((items.into_iter().skip(start).take(limit).collect(), next))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_follow_each_other() {
        let part = |limit, cursor: Option<&str>| Part {
            limit,
            cursor: cursor.map(str::to_owned),
        };
        let all = || (0..45).collect::<Vec<u32>>();
        let (first, next) = part(None, None).of(all()).expect("a part");
        assert_eq!((first.len(), next.as_deref()), (20, Some("20")));
        let (last, next) = part(Some(50), next.as_deref()).of(all()).expect("a part");
        assert_eq!((last.first(), last.len(), next), (Some(&20), 25, None));
        assert!(part(Some(0), None).of(all()).is_err());
        assert!(part(None, Some("x")).of(all()).is_err());
        assert_eq!(part(None, Some("999")).of(all()), Ok((vec![], None)));
    }
}
