/** Doing several things at once, but not too many. */

const AT_ONCE = 2;

/** What `work` gives for each, a few at a time, in the order of `list`. */
export async function inParallel<Item, Result>(
  list: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(list.length);
  let next = 0;
  async function go(): Promise<void> {
    while (next < list.length) {
      const index = next;
      next += 1;
      results[index] = await work(list[index]!);
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, go));
  return results;
}
