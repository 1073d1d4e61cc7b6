//! One token for all callers: asked for once, and again before it expires.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::Mutex as AsyncMutex;
use tokio::time::Instant;

use crate::token::{AccessToken, TokenError, TokenProvider};

/// A token is renewed this long before it expires, while it is still used; a short-lived one when a
/// fifth of its life is left.
const EARLY: Duration = Duration::from_secs(5 * 60);
/// A token is not sent this long before it expires, since it would expire on the way; a short-lived
/// one when a twentieth of its life is left.
const LAST: Duration = Duration::from_secs(30);
/// After an early renewal failed, the next one is tried no sooner than this.
const PATIENCE: Duration = Duration::from_secs(30);

/// A provider with a memory. One request for a token is under way at a time.
pub(crate) struct TokenCache {
    provider: Arc<dyn TokenProvider>,
    scope: String,
    state: Mutex<State>,
    /// Held by the one caller that asks the provider.
    asking: AsyncMutex<()>,
}

#[derive(Default)]
struct State {
    token: Option<Held>,
    /// Counts the answers of the provider, failures too, so that a caller that waited for another's
    /// answer knows that there was one.
    answers: u64,
    last_failure: Option<(Instant, TokenError)>,
}

/// A token and when to do without it. A token whose expiry is not known has neither instant.
struct Held {
    token: AccessToken,
    renew_at: Option<Instant>,
    unusable_at: Option<Instant>,
}

impl Held {
    fn new(token: AccessToken) -> Self {
        let expiry = token.expires_at().and_then(|expiry| {
            let life = expiry.duration_since(SystemTime::now()).unwrap_or_default();
            // An end beyond what the clock can count is as good as none.
            Some((life, Instant::now().checked_add(life)?))
        });
        Self {
            renew_at: expiry.map(|(life, end)| end - EARLY.min(life / 5)),
            unusable_at: expiry.map(|(life, end)| end - LAST.min(life / 20)),
            token,
        }
    }

    fn is_fresh(&self) -> bool {
        self.renew_at.is_none_or(|at| Instant::now() < at)
    }

    fn is_usable(&self) -> bool {
        self.unusable_at.is_none_or(|at| Instant::now() < at)
    }
}

impl TokenCache {
    pub(crate) fn new(provider: Arc<dyn TokenProvider>, scope: String) -> Self {
        Self {
            provider,
            scope,
            state: Mutex::default(),
            asking: AsyncMutex::new(()),
        }
    }

    /// A token that is good for now.
    ///
    /// Dropping the future half way leaves the cache as it was; the next caller asks instead.
    pub(crate) async fn token(&self) -> Result<AccessToken, TokenError> {
        let answers = {
            let state = self.lock();
            match &state.token {
                Some(held) if held.is_fresh() => return Ok(held.token.clone()),
                Some(held) if held.is_usable() && !state.may_renew_early() => {
                    return Ok(held.token.clone());
                }
                _ => state.answers,
            }
        };
        let _asking = match self.usable() {
            // Still good: whoever comes first renews it, the others go on with it.
            Some(token) => match self.asking.try_lock() {
                Ok(asking) => asking,
                Err(_) => return Ok(token),
            },
            None => self.asking.lock().await,
        };
        if let Some(outcome) = self.answered_since(answers) {
            return outcome;
        }
        let answer = self.provider.token(&self.scope).await;
        self.store(answer)
    }

    /// Forgets a token that was refused, unless another one has taken its place.
    pub(crate) fn forget(&self, refused: &AccessToken) {
        let mut state = self.lock();
        if state
            .token
            .as_ref()
            .is_some_and(|held| held.token == *refused)
        {
            state.token = None;
        }
    }

    fn store(&self, answer: Result<AccessToken, TokenError>) -> Result<AccessToken, TokenError> {
        let mut state = self.lock();
        state.answers += 1;
        match answer {
            Ok(token) => {
                state.last_failure = None;
                state.token = Some(Held::new(token.clone()));
                Ok(token)
            }
            Err(error) => {
                state.last_failure = Some((Instant::now(), error.clone()));
                match &state.token {
                    Some(held) if held.is_usable() => Ok(held.token.clone()),
                    _ => Err(error),
                }
            }
        }
    }

    /// What another caller was answered while this one waited; `None` if there was no answer.
    fn answered_since(&self, answers: u64) -> Option<Result<AccessToken, TokenError>> {
        let state = self.lock();
        if state.answers == answers {
            return None;
        }
        match (&state.token, &state.last_failure) {
            (Some(held), _) if held.is_usable() => Some(Ok(held.token.clone())),
            (_, Some((_, error))) => Some(Err(error.clone())),
            // A token so short-lived that it is of no use to this caller any more: ask again.
            _ => None,
        }
    }

    fn usable(&self) -> Option<AccessToken> {
        self.lock()
            .token
            .as_ref()
            .filter(|held| held.is_usable())
            .map(|held| held.token.clone())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn may_renew_early(&self) -> bool {
        self.last_failure
            .as_ref()
            .is_none_or(|(when, _)| when.elapsed() >= PATIENCE)
    }
}

impl std::fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenCache")
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::token::BoxFuture;

    /// Answers with tokens of the lives listed, in turn; `None` is a failure.
    struct Lives {
        lives: Vec<Option<u64>>,
        asked: AtomicU32,
    }

    impl TokenProvider for Lives {
        fn token<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<AccessToken, TokenError>> {
            Box::pin(async move {
                let turn = self.asked.fetch_add(1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(20)).await;
                match self.lives.get(turn as usize).copied().flatten() {
                    Some(seconds) => AccessToken::new(
                        format!("token{turn}"),
                        Some(SystemTime::now() + Duration::from_secs(seconds)),
                    ),
                    None => Err(TokenError::new(format!("failure {turn}"))),
                }
            })
        }
    }

    fn cache(lives: &[Option<u64>]) -> (Arc<Lives>, Arc<TokenCache>) {
        let provider = Arc::new(Lives {
            lives: lives.to_vec(),
            asked: AtomicU32::new(0),
        });
        let cache = TokenCache::new(provider.clone(), "scope".to_owned());
        (provider, Arc::new(cache))
    }

    async fn ask_at_once(cache: &Arc<TokenCache>, callers: usize) -> Vec<String> {
        let tasks: Vec<_> = (0..callers)
            .map(|_| {
                let cache = Arc::clone(cache);
                tokio::spawn(async move {
                    match cache.token().await {
                        Ok(token) => token.secret().to_owned(),
                        Err(error) => error.to_string(),
                    }
                })
            })
            .collect();
        let mut answers = Vec::new();
        for task in tasks {
            answers.push(task.await.unwrap());
        }
        answers
    }

    #[tokio::test(start_paused = true)]
    async fn many_callers_ask_the_provider_once() {
        let (provider, cache) = cache(&[Some(3600)]);
        assert_eq!(ask_at_once(&cache, 16).await, vec!["token0"; 16]);
        assert_eq!(ask_at_once(&cache, 16).await, vec!["token0"; 16]);
        assert_eq!(provider.asked.load(Ordering::SeqCst), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn many_callers_share_one_failure_and_a_later_one_asks_again() {
        let (provider, cache) = cache(&[None, Some(3600)]);
        assert_eq!(ask_at_once(&cache, 16).await, vec!["failure 0"; 16]);
        assert_eq!(ask_at_once(&cache, 1).await, ["token1"]);
        assert_eq!(provider.asked.load(Ordering::SeqCst), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_near_its_end_is_renewed_by_one_while_others_use_it() {
        let (provider, cache) = cache(&[Some(3600), Some(3600)]);
        assert_eq!(ask_at_once(&cache, 1).await, ["token0"]);
        tokio::time::advance(Duration::from_secs(3400)).await;
        let mut answers = ask_at_once(&cache, 16).await;
        answers.sort();
        assert_eq!(answers[..15], vec!["token0"; 15]);
        assert_eq!(answers[15], "token1");
        assert_eq!(ask_at_once(&cache, 1).await, ["token1"]);
        assert_eq!(provider.asked.load(Ordering::SeqCst), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn when_an_early_renewal_fails_the_old_token_is_used_and_nobody_hurries() {
        let (provider, cache) = cache(&[Some(3600), None, Some(3600)]);
        assert_eq!(ask_at_once(&cache, 1).await, ["token0"]);
        tokio::time::advance(Duration::from_secs(3400)).await;
        for _ in 0..5 {
            assert_eq!(ask_at_once(&cache, 1).await, ["token0"]);
        }
        assert_eq!(provider.asked.load(Ordering::SeqCst), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn an_expired_token_is_not_sent() {
        let (_, cache) = cache(&[Some(3600), Some(3600)]);
        assert_eq!(ask_at_once(&cache, 1).await, ["token0"]);
        tokio::time::advance(Duration::from_secs(3580)).await;
        assert_eq!(ask_at_once(&cache, 4).await, vec!["token1"; 4]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_refused_token_is_forgotten_but_not_its_successor() {
        let (provider, cache) = cache(&[Some(3600), Some(3600)]);
        let first = cache.token().await.unwrap();
        cache.forget(&first);
        let second = cache.token().await.unwrap();
        cache.forget(&first);
        assert_eq!(cache.token().await.unwrap(), second);
        assert_eq!(provider.asked.load(Ordering::SeqCst), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_caller_that_gives_up_leaves_the_way_free() {
        let (_, cache) = cache(&[Some(3600), Some(3600)]);
        let asking = tokio::time::timeout(Duration::from_millis(1), cache.token()).await;
        assert!(asking.is_err());
        assert_eq!(ask_at_once(&cache, 2).await, vec!["token1"; 2]);
    }
}
