// What a page with a long list, or under many hints, does with its time. Runs in the page, as code.

/** Notes gaps of over 50 ms in which the page took no input, and the delays of input. `stopWatch()` returns them. */
export const startWatch = `globalThis.watch = { tasks: [], inputs: [], renders: [] };
  watch.observers = [
    new PerformanceObserver((list) => watch.tasks.push(...list.getEntries().map((one) => one.duration))),
    new PerformanceObserver((list) =>
      watch.inputs.push(...list.getEntries().map((one) => one.processingStart - one.startTime))),
  ];
  watch.observers[0].observe({ type: "longtask" });
  watch.observers[1].observe({ type: "event", durationThreshold: 16 });
  globalThis.stopWatch = () => {
    for (const one of watch.observers) one.disconnect();
    return { tasks: watch.tasks, inputs: watch.inputs };
  };`;
export interface Watched {
  /** Milliseconds of each task over 50 ms. */
  tasks: number[];
  /** Milliseconds between an input and its handler, of inputs that took over 16 ms in all. */
  inputs: number[];
}

/** Scrolls the list by `step` pixels each frame; answers the lengths of the frames, and of the list's own work. */
export const scroll = (frames: number, step: number) => `new Promise((done) => {
  const list = bell.shadowRoot.querySelector(".scroller");
  const lengths = [], work = [];
  let began = 0, last = 0;
  const before = () => { began = performance.now(); };
  const after = () => work.push(performance.now() - began);
  bell.shadowRoot.addEventListener("scroll", before, { capture: true });
  list.addEventListener("scroll", after);
  const frame = (now) => {
    if (last) lengths.push(now - last);
    last = now;
    list.scrollTop += ${step};
    if (lengths.length < ${frames}) return requestAnimationFrame(frame);
    bell.shadowRoot.removeEventListener("scroll", before, { capture: true });
    list.removeEventListener("scroll", after);
    done({ lengths, work });
  };
  requestAnimationFrame(frame);
})`;
export interface Scrolled {
  lengths: number[];
  work: number[];
}

export const percentile = (values: number[], share: number): string =>
  ([...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0).toFixed(1);
export const figures = (values: number[]): string =>
  `median ${percentile(values, 0.5)} ms, 99 % ${percentile(values, 0.99)} ms, most ${percentile(values, 1)} ms`;
