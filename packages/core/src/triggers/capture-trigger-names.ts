// Triggers fire in the order of their names: these come before the application's own and those of foreign keys, so that an entry
// precedes the entries of what its row sets off.

/** The trigger that enters each changed row. */
export const ROW_TRIGGER = '00_indelible_capture'

/** The trigger that says that a table was emptied. */
export const TRUNCATE_TRIGGER = '00_indelible_truncate'
