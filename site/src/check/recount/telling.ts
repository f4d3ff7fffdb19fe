/** Progress is told no more often than it is looked at. */

const TELL_EVERY = 250;

/** `tell` at most four times a second; what comes between is not told. */
export function nowAndThen<News>(tell: (news: News) => void): (news: News) => void {
  let told = 0;
  return (news) => {
    if (performance.now() - told < TELL_EVERY) return;
    told = performance.now();
    tell(news);
  };
}
