/** Doing several things at once, but not too many. */

/** Reads each of `list`, `ahead` of them at once, and gives them in their order. */
export async function inParallel<Item, Found>(
  list: readonly Item[],
  ahead: number,
  read: (item: Item) => Promise<Found>,
  take: (item: Item, found: Found) => void,
): Promise<void> {
  const reading: Promise<Found>[] = [];
  let next = 0;
  for (const item of list) {
    while (next < list.length && reading.length < ahead) {
      const found = read(list[next]!);
      // Whoever comes before it may fail first.
      found.catch(() => {});
      reading.push(found);
      next += 1;
    }
    take(item, await reading.shift()!);
  }
}
