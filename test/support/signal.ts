/** Something that one waits for and another gives. */
export interface Signal {
  readonly given: Promise<void>
  readonly give: () => void
}

/** Creates a signal that is not given yet. */
export function createSignal(): Signal {
  let give = () => {}
  const given = new Promise<void>((resolve) => {
    give = resolve
  })
  return { given, give: () => give() }
}
