//! What can go wrong with the database, by meaning.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not reachable, restarting, out of connections, or slower than its time limit: worth trying again.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// A constraint with this name refused the write.
    #[error("constraint {0} is violated")]
    Constraint(String),
    /// Whoever does this was erased meanwhile.
    #[error("the account was erased")]
    Erased,
    #[error("database: {0}")]
    Fault(String),
}

impl Error {
    pub fn violates(&self, constraint: &str) -> bool {
        matches!(self, Error::Constraint(name) if name == constraint)
    }
}

/// Messages PostgreSQL sends for conditions that pass: time limits, shutdown, failover, too many clients.
const PASSING: [&str; 9] = [
    "canceling statement",
    "terminating connection",
    "the database system is",
    "too many clients",
    "remaining connection slots",
    "could not serialize",
    "deadlock detected",
    "connection closed",
    "idle-in-transaction",
];

impl From<DieselError> for Error {
    fn from(error: DieselError) -> Self {
        match error {
            DieselError::DatabaseError(kind, info) => match kind {
                DatabaseErrorKind::UniqueViolation
                | DatabaseErrorKind::ForeignKeyViolation
                | DatabaseErrorKind::CheckViolation => {
                    Error::Constraint(info.constraint_name().unwrap_or_default().to_owned())
                }
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::SerializationFailure => {
                    Error::Unavailable(info.message().to_owned())
                }
                _ if PASSING.iter().any(|passing| info.message().contains(passing)) => {
                    Error::Unavailable(info.message().to_owned())
                }
                _ => Error::Fault(info.message().to_owned()),
            },
            DieselError::BrokenTransactionManager => {
                Error::Unavailable("the connection broke in a transaction".to_owned())
            }
            other => Error::Fault(other.to_string()),
        }
    }
}
