/** Key of the advisory lock that one sealer holds for one batch: the letters `indeseal` as a 64-bit number. */
export const SEAL_LOCK = '7597121315951599980'
