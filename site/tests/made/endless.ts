/** Answers that never end, and how many parts of 64 KiB of them were taken. */
export function endlessly(init: ResponseInit = {}) {
  let sent = 0;
  const answer = async () =>
    new Response(
      new ReadableStream<Uint8Array>({
        pull(stream) {
          sent += 1;
          // A reader that never lets go would otherwise fill the machine.
          if (sent > 2_000) stream.close();
          else stream.enqueue(new Uint8Array(64 * 1024));
        },
      }),
      init,
    );
  return { answer, sent: () => sent };
}
