// Colours and basics of both elements. The custom properties are in the README.
const colours: Record<string, [light: string, dark: string]> = {
  background: ["#ffffff", "#1b1d21"],
  text: ["#1a1c1f", "#eceef1"],
  muted: ["#565c66", "#a7adb8"],
  border: ["#d9dce1", "#3a3e46"],
  accent: ["#1d56c9", "#8ab4ff"],
  "on-accent": ["#ffffff", "#10182b"],
  unread: ["#eff4ff", "#22293a"],
  hover: ["#f2f3f5", "#2a2d34"],
  badge: ["#c81e1e", "#ff8a80"],
  "on-badge": ["#ffffff", "#2b0606"],
  problem: ["#fdecea", "#40201d"],
  "on-problem": ["#7a1610", "#ffc9c3"],
};
const all = (value: (light: string, dark: string) => string): string =>
  Object.entries(colours)
    .map(([name, [light, dark]]) => `--_${name}:var(--signal-${name},${value(light, dark)})`)
    .join(";");

/**
 * A browser without `light-dark()` has the light theme. The names begin with `_`, so that a page may give a property
 * the value of one of its own: `--signal-accent: var(--accent)` would refer to itself if `--accent` were a name here.
 */
export const theme = `
:host{${all((light) => light)};--_radius:var(--signal-radius,.75rem);
--_shadow:var(--signal-shadow,0 .5rem 2rem rgb(0 0 0/.22));font:var(--signal-font,inherit)}
@supports(color:light-dark(#000,#fff)){:host{${all((light, dark) => `light-dark(${light},${dark})`)}}}
:host([theme=light]){color-scheme:light}
:host([theme=dark]){color-scheme:dark}
:host([hidden]),[hidden]{display:none!important}
*{box-sizing:border-box}
p,h2{margin:0}
[dir=auto]{text-align:-webkit-match-parent;text-align:match-parent}
button,a{font:inherit;color:inherit;border:0;background:none;cursor:pointer}
:focus-visible{outline:2px solid var(--_accent);outline-offset:-2px}
svg{display:block;width:1.25em;height:1.25em;fill:none;stroke:currentColor;stroke-width:1.8;
stroke-linecap:round;stroke-linejoin:round}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.round{display:grid;place-items:center;min-width:2rem;min-height:2rem;padding:0;border-radius:.5rem;flex:none}
.round:hover,.plain:hover,.bell:hover{background:var(--_hover)}
[aria-disabled=true]{color:var(--_muted)!important;cursor:default;background:none!important}
`;
