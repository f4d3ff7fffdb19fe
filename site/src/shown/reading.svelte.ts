/** Which cut of the past is being read; `null` while it is the current one. */
export const reading = $state<{ cut: number | null }>({ cut: null });
