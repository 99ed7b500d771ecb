/**
 * Returns the result of the work, or, after the deadline, the result of `late`, which may throw. A result that arrives
 * after the deadline is discarded.
 */
export async function within<Result, Late>(
  work: Promise<Result>,
  milliseconds: number,
  late: () => Late,
): Promise<Result | Late> {
  const alarm = Promise.withResolvers<typeof TIME_IS_UP>();
  const timer = setTimeout(alarm.resolve, milliseconds, TIME_IS_UP);
  try {
    const outcome = await Promise.race([work, alarm.promise]);
    return outcome === TIME_IS_UP ? late() : outcome;
  } finally {
    clearTimeout(timer);
  }
}

const TIME_IS_UP = Symbol('time is up');
