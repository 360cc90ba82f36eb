import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { CircuitStatus } from './status.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const setup = (options: ConstructorParameters<typeof CircuitStatus>[0] = {}) => {
  const status = new CircuitStatus({ rollingCountTimeout: 100, ...options });
  const heard = vi.fn();
  return { status, heard };
};

it('tells a snapshot at the end of each slice, however one listens', async () => {
  for (const method of ['on', 'addListener', 'prependListener'] as const) {
    const { status, heard } = setup();
    await vi.advanceTimersByTimeAsync(5);
    status[method]('snapshot', heard);
    await vi.advanceTimersByTimeAsync(5);
    expect(heard).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(30);
    expect(heard).toHaveBeenCalledTimes(4);
    expect(heard).toHaveBeenLastCalledWith(status.stats);
    status.shutdown();
  }
});

it('holds a timer only while someone listens', async () => {
  const { status, heard } = setup();
  status.on('other', () => {});
  expect(vi.getTimerCount()).toBe(0);
  status.once('snapshot', heard);
  expect(vi.getTimerCount()).toBe(1);
  await vi.advanceTimersByTimeAsync(50);
  expect(heard).toHaveBeenCalledTimes(1);
  expect(vi.getTimerCount()).toBe(0);
  status.on('snapshot', heard);
  status.removeAllListeners();
  await vi.advanceTimersByTimeAsync(10);
  expect(vi.getTimerCount()).toBe(0);
  status.on('snapshot', heard);
  await vi.advanceTimersByTimeAsync(10);
  expect(heard).toHaveBeenCalledTimes(2);
  status.shutdown();
  status.on('snapshot', heard);
  expect(vi.getTimerCount()).toBe(0);
});

it('tells no snapshot where they are switched off', async () => {
  const { status, heard } = setup({ enableSnapshots: false });
  status.on('snapshot', heard);
  await vi.advanceTimersByTimeAsync(100);
  expect(heard).not.toHaveBeenCalled();
});

it('listens to its controller while it may, once', () => {
  const controller = new EventEmitter();
  const { status } = setup({ rotateBucketController: controller, stats: { fires: 3 } });
  status.startRotating();
  expect(controller.listenerCount('rotate')).toBe(1);
  for (let turn = 0; turn < 9; turn += 1) controller.emit('rotate');
  expect(status.stats.fires).toBe(3);
  controller.emit('rotate');
  expect(status.stats.fires).toBe(0);
  status.stopRotating();
  expect(controller.listenerCount('rotate')).toBe(0);
  status.startRotating();
  status.shutdown();
  status.startRotating();
  expect(controller.listenerCount('rotate')).toBe(0);
});
