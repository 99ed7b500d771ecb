/**
 * Returns the result of the work, or, after the deadline, the result of `late`, which may throw. A result that arrives
 * after the deadline is discarded.
 */
export function within<Result, Late>(
  work: Promise<Result>,
  milliseconds: number,
  late: () => Late,
): Promise<Result | Late> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      try {
        resolve(late());
      } catch (error) {
        reject(error);
      }
    }, milliseconds);
    const stop = (): void => clearTimeout(timer);
    work.then(resolve, reject);
    work.then(stop, stop);
  });
}
