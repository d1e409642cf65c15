// Where the panel is on a wide screen: beside its bell, and inside the window.

const gap = 8;

export function placeBeside(bell: HTMLElement, panel: HTMLElement): void {
  const { top, bottom, left, right } = bell.getBoundingClientRect();
  const { clientWidth: width, clientHeight: height } = document.documentElement;
  const isBelow = height - bottom >= top;
  const isRightToLeft = getComputedStyle(bell).direction === "rtl";
  const { style } = panel;
  style.maxHeight = `${Math.max(0, (isBelow ? height - bottom : top) - 2 * gap)}px`;
  const wanted = isRightToLeft ? left : right - panel.offsetWidth;
  style.left = `${Math.max(gap, Math.min(wanted, width - panel.offsetWidth - gap))}px`;
  style.top = isBelow ? `${bottom + gap}px` : "auto";
  style.bottom = isBelow ? "auto" : `${height - top + gap}px`;
}
