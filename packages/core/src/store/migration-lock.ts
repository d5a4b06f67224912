/** Key of the advisory lock that a migration holds to its commit: the bytes of `indelibl`, as a bigint. */
export const MIGRATION_LOCK = '7597120008193925740'
