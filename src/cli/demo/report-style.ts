/** The looks of the report around its chart. */
import { FONT } from './style.ts';

export const PAGE = `
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.55 ${FONT}; -webkit-text-size-adjust: 100% }
main { max-width: 1120px; margin: 0 auto; padding: 56px 24px 80px }
h1 { font-size: clamp(28px, 4vw, 40px); line-height: 1.15; letter-spacing: -.02em; margin: 0 0 14px; text-wrap: balance }
h2 { font-size: 20px; letter-spacing: -.01em; margin: 56px 0 10px }
h3 { font-size: 13px; font-weight: 600; color: var(--soft); margin: 0 }
p { margin: 0 0 12px; max-width: 74ch } .lead { font-size: 18px; text-wrap: pretty } .small { font-size: 13px; color: var(--soft) }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(168px, 1fr)); gap: 12px; margin: 32px 0 }
.card { background: var(--panel); border: 1px solid var(--rule); border-radius: 10px; padding: 16px 18px }
.card .value { font-size: 30px; font-weight: 700; letter-spacing: -.02em; line-height: 1.2; margin: 6px 0 4px; font-variant-numeric: tabular-nums }
.card .small { margin: 0 }
.chart { background: var(--panel); border: 1px solid var(--rule); border-radius: 10px; padding: 18px 16px 8px }
.scroll { position: relative; overflow-x: auto } .chart svg { display: block; width: 100%; min-width: 760px; height: auto }
#pointer { position: absolute; top: 0; pointer-events: none; background: var(--ink); color: var(--page); border-radius: 6px; padding: 6px 10px; font-size: 12.5px; line-height: 1.45; white-space: pre; font-variant-numeric: tabular-nums }
#cursor { stroke: var(--ink); stroke-width: 1; opacity: .45 }
.dot { cursor: pointer }
.promises { list-style: none; margin: 0; padding: 0 } .promises li { padding: 5px 0 }
.promises b { display: inline-block; width: 64px; font-size: 13px } .kept b, .good { color: var(--good) } .broken b, .bad { color: var(--bad) }
table { width: 100%; border-collapse: collapse; font-size: 14px; line-height: 1.45 }
th { text-align: left; font-size: 12.5px; font-weight: 600; color: var(--soft); padding: 8px 12px 8px 0; border-bottom: 1px solid var(--rule) }
td { vertical-align: top; padding: 9px 12px 9px 0; border-bottom: 1px solid var(--rule) }
td .small, td .why { display: block } td .why { font-size: 13px; font-style: italic; color: var(--soft); max-width: 62ch }
.time { white-space: nowrap; font-variant-numeric: tabular-nums }
.number { display: inline-block; min-width: 22px; border-radius: 11px; padding: 0 6px; text-align: center; font-size: 12px; font-weight: 650; line-height: 20px; background: var(--soft); color: var(--panel); font-variant-numeric: tabular-nums }
.number.healing { background: var(--bad) } .number.size { background: var(--load) } .number.list { background: var(--servers) }
tr:target td, tr.lit td { background: var(--zone) }
pre { background: var(--panel); border: 1px solid var(--rule); border-radius: 8px; padding: 14px 16px; overflow-x: auto; font-size: 13.5px }
@media print { .chart, .card { break-inside: avoid } main { padding: 0 } }`;
