/** Runs `work` on every item, at most `workers` at a time, in the order of the items. Rejects with the first failure. */
export async function concurrently<Item>(
  items: readonly Item[],
  workers: number,
  work: (item: Item, index: number) => Promise<unknown>,
): Promise<void> {
  const queue = items.entries()
  const worker = async () => {
    for (const [index, item] of queue) await work(item, index)
  }
  await Promise.all(Array.from({ length: workers }, worker))
}
