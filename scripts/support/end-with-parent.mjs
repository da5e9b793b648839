// Preloaded into the console's web server: when the process that watches it is gone, even by kill -9, it ends too.
process.on("disconnect", () => process.exit(0));
