import { describe, expect, it } from "vitest";

import { givenSettings, readSettings } from "../lib/settings.ts";

const clickHouseUrl = "https://abc.eu-central-1.aws.clickhouse.cloud:8443";

describe("settings", () => {
  it("need the address of ClickHouse and nothing else", () => {
    expect(readSettings({ clickHouseUrl })).toEqual({
      environment: "production",
      clickHouseUrl,
      clickHouseDatabase: "avesa_analytics",
      debounceSeconds: 10,
      metricDetail: "table",
      logRetentionDays: 30,
    });
  });

  it("say all that is wrong at once", () => {
    const wrong = {
      environment: "Prod!",
      debounceSeconds: "301",
      logRetentionDays: "8",
      metricDetail: "all",
      vpcId: "vpc-1",
      canonicalBukcet: "typo",
    };
    for (const name of [
      "environment",
      "clickHouseUrl",
      "debounceSeconds",
      "logRetentionDays",
      "metricDetail",
      "securityGroupId",
      "canonicalBukcet",
    ]) {
      expect(() => readSettings(wrong)).toThrow(name);
    }
  });

  it("are told from what CDK itself has in its context", () => {
    expect(
      givenSettings({
        clickHouseUrl,
        "aws:cdk:enable-path-metadata": true,
        "@aws-cdk/core:x": true,
      }),
    ).toEqual({ clickHouseUrl });
  });
});
