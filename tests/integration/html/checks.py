"""What scripts in a page say of it, in the manner of axe: each returns what is wrong."""

SCREENS = ({}, {"dark": True}, {"width": 375, "height": 800}, {"width": 375, "dark": True})

VISIBLE_FILES = """[...document.querySelectorAll(".file:not([hidden])")].map((file) =>
  file.querySelector("h3").innerText)"""

CONTRASTS = """(() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, below) => top.slice(0, 3).map((c, i) => c * top[3] + below[i] * (1 - top[3]));
  const light = (c) => {
    const [r, g, b] = c.map((v) => v / 255).map((v) =>
      v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (a, b) => {
    const [high, low] = [light(a), light(b)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  };
  const behind = (element) => {
    const layers = [];
    for (let one = element; one; one = one.parentElement) {
      const style = getComputedStyle(one);
      const painted = one instanceof SVGElement ? null : rgba(style.backgroundColor);
      if (painted && painted[3]) layers.push(painted);
      if (one instanceof SVGElement && !(one instanceof SVGSVGElement && !one.ownerSVGElement)) {
        const rect = one.querySelector(":scope > rect");
        if (rect) layers.push(rgba(getComputedStyle(rect).fill));
      }
    }
    return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255]);
  };
  const wrong = new Map();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let looked = 0;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    const seen = element.checkVisibility() && !element.closest("script, title");
    if (!seen || !node.data.trim()) continue;
    const style = getComputedStyle(element);
    const inSvg = element instanceof SVGElement;
    const ground = behind(element);
    const ink = over(rgba(inSvg ? style.fill : style.color), ground);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && +style.fontWeight >= 700);
    const got = ratio(ink, ground);
    looked += 1;
    if (got < (large ? 3 : 4.5)) {
      wrong.set(`${element.tagName}.${element.getAttribute("class")} ${got.toFixed(2)}`, node.data);
    }
  }
  return looked < 20 ? [["too little text", looked]] : [...wrong];
})()"""

NAMELESS = """(() => {
  const named = (one) => one.getAttribute("aria-label") || one.textContent.trim() ||
    one.labels?.[0]?.textContent.trim() || one.title;
  const every = [...document.querySelectorAll(
    "a, button, input, select, summary, [tabindex='0'], [role=img], nav, form, section")];
  const wrong = every.filter((one) => !named(one)).map((one) => one.outerHTML.slice(0, 120));
  return every.length < 20 ? ["too few controls"] : wrong;
})()"""

SMALL_TARGETS = """(() => {
  const boxes = [...document.querySelectorAll("nav a, summary, select, input[type=search], label")]
    .filter((one) => one.checkVisibility()).map((one) => [one, one.getBoundingClientRect()]);
  return boxes.filter(([, box]) => box.height < 20).map(([one, box]) =>
    `${one.tagName} ${one.textContent.slice(0, 40)} ${box.width}x${box.height}`);
})()"""

OVERFLOWING = """(() => {
  const wide = document.documentElement.clientWidth;
  return [...document.querySelectorAll("body *")].filter((one) =>
    one.checkVisibility() && one.getBoundingClientRect().right > wide + 1 &&
    !one.closest(".scroll, nav, svg, pre, .skip")).map((one) => one.outerHTML.slice(0, 160));
})()"""
