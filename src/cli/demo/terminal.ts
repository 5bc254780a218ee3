/** A terminal that shows one page at a time, and is given back as it was. */
import type { Writable } from 'node:stream';

export type Terminal = Writable & { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number };

const CSI = '\u001b[';

export interface Page {
  readonly show: (text: string) => void;
  readonly close: () => void;
}

/** Takes the terminal's other screen; what stood on it comes back when it is closed. */
export function openPage(terminal: Terminal): Page {
  terminal.write(`${CSI}?1049h${CSI}?25l`);
  let open = true;
  return {
    show(text) {
      if (!open) return;
      // Each line ends by clearing the rest of it, so that nothing flickers.
      terminal.write(`${CSI}H${text.replaceAll('\n', `${CSI}K\n`)}${CSI}K${CSI}J`);
    },
    close() {
      if (!open) return;
      open = false;
      terminal.write(`${CSI}?25h${CSI}?1049l`);
    },
  };
}
