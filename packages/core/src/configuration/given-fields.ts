/** Fields without those that are undefined. */
export type GivenFields<Fields> = { readonly [Name in keyof Fields]?: Exclude<Fields[Name], undefined> }

/** Leaves out the fields that are undefined: what is present but undefined was left open. */
export function givenFields<Fields extends object>(fields: Fields): GivenFields<Fields> {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined)
  // One-line bridge: fromEntries forgets the types of the fields.
  return Object.fromEntries(given) as GivenFields<Fields>
}
