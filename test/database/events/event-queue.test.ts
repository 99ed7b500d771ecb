import { describe, expect, it, vi } from 'vitest';
import { EventQueue, EventsLost } from '../../../src/database/events/event-queue.ts';

const event = (value: number) => ({ done: false, value });
const DONE = { done: true, value: undefined };

describe('a queue of events', () => {
  it('events are read in their order, also those that come later', async () => {
    const queue = new EventQueue<number>(10, vi.fn<() => void>());
    queue.push(1);
    queue.push(2);
    expect([await queue.next(), await queue.next()]).toEqual([event(1), event(2)]);
    const third = queue.next();
    queue.push(3);
    expect(await third).toEqual(event(3));
  });

  it('a queue with too many waiting events fails at once and for good, and releases them', async () => {
    const [onEnd, onLost] = [vi.fn<() => void>(), vi.fn<(failure: EventsLost) => void>()];
    const queue = new EventQueue<number>(3, onEnd);
    queue.whenLost(onLost);
    [1, 2, 3].forEach((value) => queue.push(value));
    expect(onLost).not.toHaveBeenCalled();
    queue.push(4);
    queue.push(5);
    expect(onLost).toHaveBeenCalledExactlyOnceWith(expect.any(EventsLost));
    expect(onEnd).toHaveBeenCalledOnce();
    await expect(queue.next()).rejects.toThrow(EventsLost);
    await expect(queue.next()).rejects.toThrow('Too slow: reconnect, and read the list again');
  });

  it('a waiting reader is notified that events were lost', async () => {
    const queue = new EventQueue<number>(3, vi.fn<() => void>());
    const next = queue.next();
    queue.fail(new EventsLost('gone'));
    await expect(next).rejects.toThrow('gone');
  });

  it('a queue ends when its reader stops, also while an event is awaited', async () => {
    const onEnd = vi.fn<() => void>();
    const queue = new EventQueue<number>(3, onEnd);
    const next = queue.next();
    expect(await queue.return()).toEqual(DONE);
    expect(await next).toEqual(DONE);
    queue.push(1);
    queue.fail(new EventsLost('gone'));
    expect(await queue.next()).toEqual(DONE);
    expect(onEnd).toHaveBeenCalledOnce();
  });
});
