/** Fields without those that are undefined. */
export type GivenFields<Fields> = { readonly [Name in keyof Fields]?: Exclude<Fields[Name], undefined> }

/** Leaves out the fields that are undefined: what is present but undefined was left open. Fields named by symbols are fields, too. */
export function givenFields<Fields extends object>(fields: Fields): GivenFields<Fields> {
  const all = Reflect.ownKeys(fields).map((name) => [name, Reflect.get(fields, name)] as const)
  const given = all.filter(([, value]) => value !== undefined)
  // One-line bridge: fromEntries forgets the types of the fields.
  return Object.fromEntries(given) as GivenFields<Fields>
}
