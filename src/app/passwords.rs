//! Password hashing: argon2id, on threads of its own that give way to everything else.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, PoisonError};

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use tokio::sync::oneshot;

use super::{Error, cpu};
use crate::domain::account::Password;

/// Waiting passwords for each thread, 20 ms each: no more than can be served before their clients give up. The rest are told at
/// once to come again.
const WAITING: usize = 60;

/// Added to the threads' niceness: beside work that keeps every core busy they get a tenth of one, so that a rush to sign in
/// does not hold up the market, and a busy market keeps nobody out.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

/// What argon2 works in; kept by each thread, since fresh memory costs a page fault for every 4 of its 19,456 KiB.
type Memory = Vec<Block>;
type Job = Box<dyn FnOnce(&mut Memory) + Send>;

/// Hashes on half of the cores, behind a bounded queue.
pub struct Hasher {
    queue: SyncSender<Job>,
}

impl Hasher {
    pub fn start() -> Self {
        let threads = (cpu::cores() / 2).max(1);
        let (queue, jobs) = mpsc::sync_channel(threads * WAITING);
        let jobs = Arc::new(Mutex::new(jobs));
        for _ in 0..threads {
            let jobs = Arc::clone(&jobs);
            std::thread::spawn(move || work(&jobs));
        }
        Self { queue }
    }

    /// PHC string with a random salt.
    pub async fn hash(&self, password: Password) -> Result<String, Error> {
        self.run(move |memory| hash(&password, memory)).await
    }

    /// Whether `password` is the one hashed; the same time for an account that does not exist.
    pub async fn verify(&self, password: Password, phc: Option<String>) -> Result<bool, Error> {
        self.run(move |memory| {
            let genuine = verify(&password, phc.as_deref().unwrap_or(NOBODY), memory)?;
            Ok(genuine && phc.is_some())
        })
        .await
    }

    /// [`Error::Busy`] when the queue is full.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Memory) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (answer, answered) = oneshot::channel();
        let job = move |memory: &mut Memory| {
            // Who has gone away in the meantime does not keep the others waiting.
            if !answer.is_closed() {
                let _ = answer.send(work(memory));
            }
        };
        self.queue.try_send(Box::new(job)).map_err(|refused| match refused {
            TrySendError::Full(_) => Error::Busy("the queue for passwords is full".to_owned()),
            TrySendError::Disconnected(_) => Error::Fault("nobody hashes passwords".to_owned()),
        })?;
        answered.await.map_err(|_| Error::Fault("hashing a password panicked".to_owned()))?
    }
}

/// What each thread does, until the [`Hasher`] goes.
fn work(jobs: &Mutex<Receiver<Job>>) {
    give_way();
    let mut memory = Memory::new();
    loop {
        let Ok(job) = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv() else { return };
        // A panic is a failure of that request alone.
        let _ = catch_unwind(AssertUnwindSafe(|| job(&mut memory)));
        // Nothing by which a password could be guessed more cheaply stays behind.
        memory.fill(Block::new());
    }
}

/// Linux schedules threads, each by a niceness of its own; elsewhere it is the whole process that has one.
fn give_way() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(NICENESS) {
        tracing::warn!(%error, "passwords are hashed at the priority of everything else");
    }
}

/// OWASP's second profile: 19 MiB, two passes, one lane; about 20 ms.
fn argon2() -> Result<Argon2<'static>, Error> {
    let params = Params::new(19_456, 2, 1, None).map_err(fault)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &Password, memory: &mut Memory) -> Result<String, Error> {
    let argon2 = argon2()?;
    let salt = Salt::generate();
    let hash = output(&argon2, password, &salt, Params::DEFAULT_OUTPUT_LEN, memory)?;
    let (algorithm, version) = (Algorithm::Argon2id.ident(), Some(Version::V0x13.into()));
    let params = ParamsString::try_from(argon2.params()).map_err(fault)?;
    Ok(PasswordHash { algorithm, version, params, salt: Some(salt), hash: Some(hash) }.to_string())
}

/// Of an unguessable password: an unknown account takes as long to refuse as a wrong password.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$X0nIAiLQN9OZRfXtRqYPkqSRpbLmDfyB2yYPNVCTVTE";

/// By algorithm and parameters of the stored hash.
fn verify(password: &Password, stored: &str, memory: &mut Memory) -> Result<bool, Error> {
    let stored = PasswordHash::new(stored).map_err(fault)?;
    let (Some(salt), Some(expected)) = (stored.salt, stored.hash) else { return Ok(false) };
    let algorithm = Algorithm::try_from(stored.algorithm.as_str()).map_err(fault)?;
    let version = stored.version.map(Version::try_from).transpose().map_err(fault)?.unwrap_or_default();
    let argon2 = Argon2::new(algorithm, version, Params::try_from(&stored).map_err(fault)?);
    // Outputs are compared in constant time.
    Ok(output(&argon2, password, &salt, expected.len(), memory)? == expected)
}

fn output(
    argon2: &Argon2<'_>,
    password: &Password,
    salt: &Salt,
    length: usize,
    memory: &mut Memory,
) -> Result<Output, Error> {
    let blocks = argon2.params().block_count().max(memory.len());
    memory.resize(blocks, Block::new());
    let mut output = [0; Output::MAX_LENGTH];
    let output = output.get_mut(..length).ok_or_else(|| fault("too long a hash"))?;
    argon2.hash_password_into_with_memory(password.expose().as_bytes(), salt, output, memory).map_err(fault)?;
    Output::new(output).map_err(fault)
}

fn fault(error: impl ToString) -> Error {
    Error::Fault(error.to_string())
}

#[cfg(test)]
mod tests {
    use argon2::password_hash::{PasswordHasher, PasswordVerifier};

    use super::*;

    fn typed(text: &str) -> Password {
        Password::typed(text.to_owned())
    }

    /// Of few blocks and more passes: what is used is what was stored.
    fn stored_otherwise() -> String {
        let params = Params::new(64, 3, 2, Some(24)).unwrap();
        let argon2 = Argon2::new(Algorithm::Argon2i, Version::V0x10, params);
        argon2.hash_password(b"right").unwrap().to_string()
    }

    #[test]
    fn what_one_password_leaves_in_memory_changes_nothing_for_the_next() {
        let mut memory = Memory::new();
        let hashed = hash(&typed("right"), &mut memory).unwrap();
        assert!(argon2().unwrap().verify_password(b"right", &PasswordHash::new(&hashed).unwrap()).is_ok(), "{hashed}");
        let otherwise = stored_otherwise();
        for stored in [&hashed, &otherwise, &hashed] {
            assert!(!verify(&typed("wrong"), stored, &mut memory).unwrap());
            assert!(verify(&typed("right"), stored, &mut memory).unwrap());
        }
        assert_ne!(hash(&typed("right"), &mut memory).unwrap(), hashed, "each has a salt of its own");
    }

    #[tokio::test]
    async fn a_panic_and_a_client_that_left_keep_nobody_out() {
        let hasher = Hasher::start();
        let panicked = hasher.run::<()>(|_| panic!("on purpose")).await;
        assert!(matches!(panicked, Err(Error::Fault(_))), "{panicked:?}");
        let left = hasher.verify(typed("right"), None);
        assert!(tokio::time::timeout(std::time::Duration::ZERO, left).await.is_err());
        let stored = hasher.hash(typed("right")).await.unwrap();
        assert!(hasher.verify(typed("right"), Some(stored)).await.unwrap());
        assert!(!hasher.verify(typed("right"), None).await.unwrap());
    }

    #[tokio::test]
    async fn a_full_queue_says_so_at_once_and_memory_is_left_clean() {
        let hasher = Hasher::start();
        let most = (cpu::cores() / 2).max(1) * (WAITING + 1);
        let rush = (0..2 * most).map(|_| hasher.verify(typed("right"), Some(stored_otherwise())));
        let answers = futures_util::future::join_all(rush).await;
        let served = answers.iter().filter(|answer| matches!(answer, Ok(true))).count();
        let refused = answers.iter().filter(|answer| matches!(answer, Err(Error::Busy(_)))).count();
        assert!(served >= WAITING && refused > 0 && served + refused == answers.len(), "{served}, {refused}");
        let clean = |memory: &mut Memory| Ok(memory.iter().all(|block| block.as_ref().iter().all(|word| *word == 0)));
        assert!(hasher.run(clean).await.unwrap());
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn it_gives_way_and_others_do_not() {
        let nice = || rustix::process::getpriority_process(None).map_err(fault);
        let own = nice().unwrap();
        let hashing = Hasher::start().run(move |_| nice()).await.unwrap();
        assert_eq!(hashing, (own + NICENESS).min(19));
        assert_eq!(nice().unwrap(), own);
    }
}
