-- Where everything lives. Tables come from sql/migrations, which the service's administrator applies (docs/deploy-aws.md).
CREATE DATABASE IF NOT EXISTS {{database}};
