import { theme } from "./theme.js";

export const inboxCss = `${theme}
:host{display:inline-block}
.bell{position:relative;display:grid;place-items:center;min-width:2.75rem;min-height:2.75rem;border-radius:.5rem;
padding:0;font-size:1.1em}
.bell:focus-visible{outline-offset:0}
.badge{position:absolute;inset-block-start:.1rem;inset-inline-start:50%;min-width:1.25rem;padding:0 .25rem;
border-radius:1rem;background:var(--_badge);color:var(--_on-badge);font-size:.7rem;line-height:1.25rem;font-weight:600;
text-align:center;border:1px solid transparent;pointer-events:none}
.panel{position:fixed;inset:auto;margin:0;padding:0;width:var(--signal-width,25rem);max-width:calc(100vw - 16px);
height:var(--signal-height,36rem);max-height:calc(100vh - 16px);border:1px solid var(--_border);
border-radius:var(--_radius);background:var(--_background);color:var(--_text);box-shadow:var(--_shadow);overflow:hidden;
display:none;outline:0}
:host([open]) .panel{display:flex}
.content{display:flex;flex-direction:column;flex:1;min-width:0;overflow:hidden;text-align:start;line-height:1.4}
:host([inline]){display:block}
:host([inline]) :is(.bell,.panel,[part=close]){display:none}
:host([inline]) .content{height:var(--signal-height,36rem);border:1px solid var(--_border);
border-radius:var(--_radius);background:var(--_background);color:var(--_text)}
:host([inline]) .content:focus-visible{outline-offset:0}
:host([inline]) .scroller{overscroll-behavior:auto}
:host([inline]) h2{flex:none}
:host([inline]) .badge{position:static;margin-inline-start:.25rem}
:host([inline]) [part=mark-all-read]{margin-inline-start:auto}
.panel.sheet{inset:0;width:100%;max-width:none;height:100%;max-height:none;border:0;border-radius:0}
.panel::backdrop{background:none}
.header{display:flex;align-items:center;gap:.25rem;padding-block:.5rem;padding-inline:1rem .5rem;
border-block-end:1px solid var(--_border)}
h2{flex:1;font-size:1.05em;font-weight:600}
.plain{padding:.35rem .6rem;border-radius:.5rem;color:var(--_accent);font-size:.875em;min-height:2rem}
.problem{display:flex;align-items:center;gap:.5rem;padding-block:.6rem;padding-inline:1rem .6rem;
background:var(--_problem);color:var(--_on-problem);font-size:.875em}
.problem p{flex:1}
.problem .plain{color:inherit;text-decoration:underline;flex:none}
.problem .plain:hover{background:none}
.stack{position:relative;flex:1;min-height:0;display:flex}
.scroller{flex:1;overflow-y:auto;overflow-anchor:none;overscroll-behavior:contain;position:relative}
.feed{position:relative;contain:layout}
article{position:absolute;inset-inline:0;contain:layout style;padding-block:.7rem;
padding-inline:1.75rem 1rem;
border-block-end:1px solid var(--_border);display:grid;grid-template-columns:1fr auto;gap:.1rem .75rem;
background:var(--_background)}
article:hover{background:var(--_hover)}
article[part~=unread]{background:var(--_unread)}
article[part~=unread]::before{content:"";position:absolute;inset-inline-start:.7rem;inset-block-start:1.15rem;
width:.55rem;height:.55rem;border-radius:50%;background:var(--_accent);border:1px solid transparent}
.title{padding:0;text-align:start;font-weight:400;overflow-wrap:anywhere}
.title:focus-visible{outline-offset:2px}
.title::after{content:"";position:absolute;inset:0}
article[part~=unread] .title{font-weight:600}
.title span[dir],.body{display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:3;overflow:hidden}
.body{grid-column:1/-1;color:var(--_muted);font-size:.9em;overflow-wrap:anywhere}
time{grid-area:1/2;color:var(--_muted);font-size:.8em;line-height:1.75;white-space:nowrap;position:relative;
cursor:pointer}
.actions{grid-column:1/-1;display:flex;align-items:center;justify-content:end;gap:.25rem;position:relative;
flex-wrap:wrap;pointer-events:none;min-height:2rem}
.actions>*,.own>*{pointer-events:auto}
.own{display:flex;gap:.25rem;flex:1;flex-wrap:wrap;pointer-events:none!important}
.own>*{padding:.3rem .7rem;border:1px solid var(--_border);border-radius:.5rem;font-size:.85em;text-decoration:none;
background:var(--_background);overflow-wrap:anywhere}
.actions>button{display:grid;place-items:center;min-width:2rem;min-height:2rem;padding:0;border-radius:.5rem;
color:var(--_muted)}
.actions button:hover,.own>*:hover{background:var(--_border);color:var(--_text)}
.above{position:absolute;z-index:1;inset-block-start:.5rem;inset-inline:0;margin-inline:auto;width:max-content;
max-width:90%;padding:.4rem .9rem;border-radius:2rem;background:var(--_accent);color:var(--_on-accent);
box-shadow:var(--_shadow);font-size:.875em}
.above:focus-visible{outline-color:var(--_text);outline-offset:2px}
.more{display:block;margin:.5rem auto}
.end:focus{position:static;width:auto;height:auto;clip-path:none;padding:.4rem 1rem;font-size:.875em}
.empty{padding:3rem 1.5rem;text-align:center;color:var(--_muted)}
.waiting{padding:.5rem 1rem}
.bone{height:3.5rem;margin-block:.5rem;border-radius:.5rem;background:var(--_hover)}
.result{display:flex;align-items:center;gap:.5rem;padding-block:.4rem;padding-inline:1rem .5rem;
border-block-start:1px solid var(--_border);font-size:.875em}
.result span{flex:1}
::slotted([slot=footer]){border-block-start:1px solid var(--_border)}
@media(prefers-reduced-motion:no-preference){.bone{animation:pulse 1.6s infinite alternate}
@keyframes pulse{to{opacity:.5}}}
@media(forced-colors:active){article[part~=unread]::before{background:Highlight}.badge{border-color:CanvasText}}
`;
