/** Thrown in the middle of a transaction, which is rolled back: a declined card, a lost parcel. */
export class RolledBack extends Error {}
