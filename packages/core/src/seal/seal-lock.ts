/** Key of the advisory lock that one sealer at a time holds to its commit: the bytes of `indeseal`, as a bigint. */
export const SEAL_LOCK = '7597120008311103852'
