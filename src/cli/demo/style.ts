/** The looks of report and picture: one set of colours for light and one for dark, by what the reader's system says. */

const LIGHT = `
  --page: #fafaf8; --panel: #ffffff; --ink: #1b1c1e; --soft: #666b72; --rule: #e6e6e2; --scene: #00000006;
  --load: #2f62c9; --p95: #7b3fbf; --clients: #b9a3d6; --servers: #17805a; --wanted: #17805a; --bad: #c2362b; --good: #17805a; --warn: #9a6a12; --zone: #c79a1f22;`;
const DARK = `
  --page: #121315; --panel: #191b1e; --ink: #ecece9; --soft: #9ba1a8; --rule: #2b2e32; --scene: #ffffff08;
  --load: #7fa8ff; --p95: #c79bff; --clients: #6d5a8c; --servers: #54cf9b; --wanted: #54cf9b; --bad: #ff7f72; --good: #54cf9b; --warn: #e0b04a; --zone: #e0b04a1f;`;

export const FONT = `ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif`;

export const COLOURS = `
:root { color-scheme: light dark; ${LIGHT} }
@media (prefers-color-scheme: dark) { :root { ${DARK} } }`;

export const CHART = `
.scene { fill: none } .scene.other { fill: var(--scene) }
.scene-name { font-size: 12px; font-weight: 600; fill: var(--soft) }
.panel-name { font-size: 13px; font-weight: 650; fill: var(--ink) }
.unit { font-size: 11.5px; font-weight: 400; fill: var(--soft) }
.tick { font-size: 11px; fill: var(--soft); font-variant-numeric: tabular-nums }
.grid { stroke: var(--rule); stroke-width: 1 } .floor { stroke: var(--soft); stroke-width: 1; opacity: .5 }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round } .area { stroke: none; opacity: .13 }
.line.load { stroke: var(--load) } .area.load { fill: var(--load) }
.line.p95 { stroke: var(--p95); stroke-width: 2.4 } .line.clients { stroke: var(--clients); stroke-width: 1.6 }
.line.servers { stroke: var(--servers) } .area.servers { fill: var(--servers) }
.line.wanted { stroke: var(--wanted); stroke-width: 1.4; stroke-dasharray: 3 4; opacity: .9 }
.limit { stroke: var(--bad); stroke-width: 1.2; stroke-dasharray: 6 4 } .limit-name { font-size: 11.5px; fill: var(--bad) }
.dead-zone { fill: var(--zone) }
.blow { stroke: var(--bad); stroke-width: 1.4 } .blow-name { font-size: 11.5px; font-weight: 600; fill: var(--bad) }
.away { fill: var(--bad); opacity: .16 }
.change { stroke: var(--load); stroke-width: 1; opacity: .35 }
.lane-name { font-size: 12px; fill: var(--soft) }
.dot circle { fill: var(--soft) } .dot .digits { font-size: 9px; font-weight: 650; fill: var(--panel); font-variant-numeric: tabular-nums } .brief { font-size: 10.5px; fill: var(--soft) }
.dot.healing circle { fill: var(--bad) } .dot.size circle { fill: var(--load) } .dot.list circle { fill: var(--servers) }
.dot.failed circle { stroke: var(--bad); stroke-width: 2.5 }
svg text { font-family: ${FONT}; paint-order: stroke; stroke: var(--panel); stroke-width: 3px; stroke-linejoin: round } .dot .digits { stroke: none }`;
