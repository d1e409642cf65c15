import { theme } from "./theme.js";

export const toastsCss = `${theme}
:host{position:fixed;z-index:var(--signal-z,2147483000);inset-block-end:1rem;inset-inline-end:1rem;
width:min(22rem,calc(100vw - 2rem));display:block;pointer-events:none;color:var(--_text);line-height:1.4;
text-align:start}
section{display:flex;flex-direction:column;gap:.6rem}
.toast,.more{pointer-events:auto;position:relative;border:1px solid var(--_border);border-radius:var(--_radius);
background:var(--_background);box-shadow:var(--_shadow)}
.toast{display:grid;grid-template-columns:1fr auto;gap:.15rem .5rem;padding-block:.75rem;padding-inline:1rem .5rem;
border-inline-start:4px solid var(--_accent)}
.title{padding:0;text-align:start;font-weight:600;overflow-wrap:anywhere}
.title::after{content:"";position:absolute;inset:0;border-radius:inherit}
.title:focus-visible{outline-offset:2px}
.title span,.body{display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:3;overflow:hidden}
.body{grid-column:1/-1;padding-inline-end:.5rem;color:var(--_muted);font-size:.9em;overflow-wrap:anywhere}
.round{position:relative;align-self:start;margin-block:-.2rem;color:var(--_muted)}
.more{align-self:center;padding:.3rem .9rem;border-radius:2rem;font-size:.875em}
@media(prefers-reduced-motion:no-preference){.toast{animation:in .2s ease-out}
@keyframes in{from{opacity:0;transform:translateY(.5rem)}}}
`;
