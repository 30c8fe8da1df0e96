"""A gRPC gateway between a company's services and Amazon Personalize."""
