// How pages look: light and dark as the reader's system has it, light on paper. The palette is told apart with every
// common kind of colour vision (after Okabe and Ito, https://jfly.uni-koeln.de/color/), lighter on dark.

/// The style sheet of every page.
enum PageStyle {
  static let css = """
    :root{--paper:#fff;--card:#f6f7f9;--ink:#1b1f24;--muted:#59626e;--grid:#e2e5e9;--rule:#aab2bc;
    --c0:#0072b2;--c1:#d55e00;--c2:#009e73;--c3:#b8558f;--c4:#c98a00;--c5:#767d86;--heat:0,114,178}
    @media screen and (prefers-color-scheme:dark){:root{--paper:#14181d;--card:#1c2128;--ink:#e6e9ed;--muted:#9ca6b2;
    --grid:#2b323a;--rule:#59636f;--c0:#4aa8e0;--c1:#ff8a3d;--c2:#2fc69a;--c3:#e597c6;--c4:#f0b429;--c5:#a5adb7;--heat:60,155,215}}
    *{box-sizing:border-box}
    body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,"DejaVu Sans",sans-serif}
    main{max-width:1240px;margin:0 auto;padding:24px 20px 60px}
    h1{font-size:26px;line-height:1.25;margin:0 0 4px;overflow-wrap:anywhere}
    h3{font-size:16px;margin:20px 0 6px}
    h2{font-size:19px;margin:36px 0 10px;padding-bottom:4px;border-bottom:1px solid var(--grid)}
    p{margin:6px 0}.muted,figcaption small{color:var(--muted)}
    .facts{display:flex;flex-wrap:wrap;gap:4px 26px;margin:10px 0 0;padding:0;list-style:none}
    .facts b{font-weight:600}
    .facts span,dt{color:var(--muted)}
    .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(210px,1fr));gap:12px;margin:10px 0 18px}
    .tile{background:var(--card);border-radius:8px;padding:12px 16px}
    .tile b{display:block;font-size:30px;line-height:1.25;font-weight:650;font-variant-numeric:tabular-nums}
    .tile small{display:block;color:var(--muted)}
    .figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,480px),1fr));gap:26px 30px;margin-top:12px}
    figure{margin:0;min-width:0;break-inside:avoid}
    figcaption{font-weight:600;margin-bottom:4px}figcaption small{display:block;font-weight:400;font-size:13px}
    svg{display:block;width:100%;height:auto;font:12px system-ui,"DejaVu Sans",sans-serif}
    .tick{fill:var(--muted);font-size:11.5px}.name{fill:var(--muted);font-size:12px}
    .end{text-anchor:end}.middle{text-anchor:middle}
    .label{fill:var(--ink);font-size:12px}.label.strong{font-weight:700}
    .grid{stroke:var(--grid)}.axis{stroke:var(--rule)}
    .line{fill:none;stroke:var(--c);stroke-width:1.8;stroke-linejoin:round}
    .line.strong{stroke-width:3.6}.line.quiet{stroke-width:1;opacity:.5}.dashed{stroke-dasharray:6 3.5}
    .leader{fill:none;stroke:var(--c);opacity:.55}.dot,.fill{fill:var(--c)}
    .band{fill:var(--c0);opacity:.16}.whisker{fill:none;stroke:var(--ink);stroke-width:1.4}
    .c0{--c:var(--c0)}.c1{--c:var(--c1)}.c2{--c:var(--c2)}.c3{--c:var(--c3)}.c4{--c:var(--c4)}.c5{--c:var(--c5)}.ink{--c:var(--ink)}
    .wide{overflow-x:auto}
    table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:14px}
    th,td{padding:3px 12px;text-align:right;border-bottom:1px solid var(--grid);white-space:nowrap}
    th{font-weight:600;color:var(--muted);vertical-align:bottom;white-space:normal}
    th.text,td.text{text-align:left}td.wrap{white-space:normal;overflow-wrap:anywhere}
    tr{break-inside:avoid}tr.worst td.text{font-weight:700}thead{display:table-header-group}
    .halves{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,520px),1fr));gap:10px 28px}
    .heat{background:rgba(var(--heat),calc(var(--h)*.55))}
    .halves .wide+.wide table,.halves .wide:not(:last-child) table{font-size:11.5px}
    .halves .wide+.wide :is(th,td),.halves .wide:not(:last-child) :is(th,td){padding:2px 4px}
    .halves th{max-width:64px}.halves td.text{white-space:normal;overflow-wrap:anywhere;min-width:80px}
    dl{display:grid;grid-template-columns:max-content 1fr;gap:3px 20px;margin:0}dd{margin:0;overflow-wrap:anywhere}
    details{margin:10px 0}summary{cursor:pointer}
    pre{background:var(--card);border-radius:8px;padding:12px 16px;overflow-x:auto;font:12.5px/1.45 ui-monospace,
    "DejaVu Sans Mono",monospace}
    .pixels{image-rendering:pixelated;display:block;border-radius:3px}
    td.picture{padding:4px 8px;text-align:left}
    .note{border-left:4px solid var(--c4);padding:2px 12px;margin:10px 0}
    @media print{body{font-size:11px}main{max-width:none;padding:0}*{print-color-adjust:exact}
    .tiles{grid-template-columns:repeat(4,1fr)}.tile b{font-size:20px}figcaption small{font-size:9px}
    .wide{overflow:visible}td.text{white-space:normal}
    .figures{grid-template-columns:1fr 1fr;gap:14px 18px}table{font-size:10px}th,td{padding:1px 8px}
    h2{break-after:avoid;margin-top:20px}pre{white-space:pre-wrap;font-size:9px}
    details::details-content{content-visibility:visible;height:auto}}
    """
}
