// Unpacks what the package brings for Linux on x64 into the folder named: Chromium, the libraries of
// its own that it needs besides C's, and a font, so that pages look alike on every machine.

import { writeFileSync } from "node:fs";
import { join } from "node:path";

const [into] = process.argv.slice(2);
process.env.TMPDIR = into;
const { inflate } = await import("@sparticuz/chromium");
const packed = join(import.meta.dirname, "node_modules", "@sparticuz", "chromium", "bin");
for (const part of ["chromium.br", "al2023.tar.br", "fonts.tar.br"]) await inflate(join(packed, part));
writeFileSync(
  join(into, "fonts", "fonts.conf"),
  `<fontconfig><dir>${into}/fonts</dir><cachedir>${into}/fonts/cache</cachedir></fontconfig>\n`,
);
